app "mastodon" {
  title         = "Mastodon"
  tagline       = "Your own corner of the open social network"
  description   = "Post, follow and be followed across thousands of servers that speak the same language, from an address that is yours. Nobody sorts your timeline for you, and what you wrote stays on your machine."
  category      = "social"
  version       = "4.7.2"
  website       = "https://joinmastodon.org"
  source        = "https://github.com/mastodon/mastodon"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 2560
  min_disk      = 10240
  notes         = "It works only where your cloud is reached by https. The first start takes some minutes. Sign in with the owner's e-mail address that you gave and the password that was made for you. Your name in the network is @NAME@ followed by this app's host name; the host name cannot be changed later, since other servers remember it. Others can sign up only if you allow it under Administration."

  setting "owner_username" {
    title   = "Your name in the network"
    help    = "What stands between the two @ signs of your address. Mastodon keeps names such as admin and root for itself. Used once, for the first account."
    type    = "string"
    default = "me"
    pattern = "[a-z0-9_]{1,30}"
  }
  setting "owner_email" {
    title    = "Your e-mail address"
    help     = "You sign in with it. Mastodon looks up whether its domain takes mail. Used once, for the first account."
    type     = "email"
    required = true
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "The server through which it sends mail. Leave it empty, and it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.-]*"
    advanced = true
  }
  setting "smtp_port" {
    title    = "Mail server's port"
    type     = "number"
    default  = 587
    min      = 1
    max      = 65535
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption of the way to the mail server"
    help     = "starttls is usual on port 587, tls on port 465."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }
  setting "smtp_username" {
    title    = "Name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Sender's address"
    help     = "Who its mail comes from."
    type     = "email"
    advanced = true
  }
  secret "owner_password" {
    title  = "Your first password"
    reveal = true
  }
  secret "secret_key_base" {
    bytes   = 64
    charset = "hex"
  }
  secret "otp_secret" {
    bytes   = 64
    charset = "hex"
  }
  secret "encryption_primary_key" {}
  secret "encryption_deterministic_key" {}
  secret "encryption_salt" {}
  secret "db_password" {}

  # Makes the keys of push messages, the tables, and the first account.
  service "setup" {
    image   = "ghcr.io/mastodon/mastodon:v4.7.2"
    once    = true
    after   = ["db", "redis"]
    command = ["/bin/sh", "/opt/setup.sh"]
    env = {
      OWNER_USERNAME                               = setting.owner_username
      OWNER_EMAIL                                  = setting.owner_email
      OWNER_PASSWORD                               = secret.owner_password
      LOCAL_DOMAIN                                 = app.host
      STREAMING_API_BASE_URL                       = replace(replace(app.url, "https://", "wss://streaming-"), "http://", "ws://streaming-")
      DB_HOST                                      = service.db.host
      DB_PORT                                      = service.db.port
      DB_NAME                                      = "mastodon"
      DB_USER                                      = "mastodon"
      DB_PASS                                      = secret.db_password
      REDIS_HOST                                   = service.redis.host
      REDIS_PORT                                   = service.redis.port
      SECRET_KEY_BASE                              = secret.secret_key_base
      OTP_SECRET                                   = secret.otp_secret
      ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY         = secret.encryption_primary_key
      ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY   = secret.encryption_deterministic_key
      ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT = secret.encryption_salt
      MALLOC_ARENA_MAX                             = "2"
      TZ                                           = pool.timezone
      SMTP_SERVER                                  = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT                                    = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_LOGIN                                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_AUTH_METHOD                             = setting.smtp_host != "" && setting.smtp_username == "" ? "none" : null
      SMTP_FROM_ADDRESS                            = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_ENABLE_STARTTLS                         = setting.smtp_host != "" ? setting.smtp_security == "starttls" ? "always" : "never" : null
      SMTP_TLS                                     = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
    }
    # Push messages need a pair of keys of an elliptic curve, which no random
    # text is. tootctl makes up a password of its own, so ours is set after it.
    file "/opt/setup.sh" {
      content = <<-EOT
        set -eu
        cd /opt/mastodon
        umask 077
        if [ ! -s /keys/vapid.env ]; then
          bin/rails mastodon:webpush:generate_vapid_key > /keys/made
          grep '^VAPID_' /keys/made > /keys/vapid.new
          rm /keys/made
          mv /keys/vapid.new /keys/vapid.env
        fi
        bin/rails db:prepare
        if ! bin/rails runner 'exit User.exists?'; then
          bin/tootctl accounts create "$OWNER_USERNAME" --email "$OWNER_EMAIL" --confirmed --approve --role Owner > /dev/null
          bin/rails runner 'User.find_by!(email: ENV["OWNER_EMAIL"]).update!(password: ENV["OWNER_PASSWORD"])'
        fi
      EOT
    }
    volume "keys" {
      path  = "/keys"
      owner = "991:991"
      mode  = "0700"
    }
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }

  service "web" {
    image   = "ghcr.io/mastodon/mastodon:v4.7.2"
    after   = ["setup"]
    command = ["/bin/sh", "-c", "set -a; . /keys/vapid.env; set +a; rm -f tmp/pids/server.pid; exec bundle exec puma -C config/puma.rb"]
    env = {
      LOCAL_DOMAIN                                 = app.host
      STREAMING_API_BASE_URL                       = replace(replace(app.url, "https://", "wss://streaming-"), "http://", "ws://streaming-")
      DB_HOST                                      = service.db.host
      DB_PORT                                      = service.db.port
      DB_NAME                                      = "mastodon"
      DB_USER                                      = "mastodon"
      DB_PASS                                      = secret.db_password
      REDIS_HOST                                   = service.redis.host
      REDIS_PORT                                   = service.redis.port
      SECRET_KEY_BASE                              = secret.secret_key_base
      OTP_SECRET                                   = secret.otp_secret
      ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY         = secret.encryption_primary_key
      ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY   = secret.encryption_deterministic_key
      ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT = secret.encryption_salt
      MALLOC_ARENA_MAX                             = "2"
      TZ                                           = pool.timezone
      SMTP_SERVER                                  = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT                                    = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_LOGIN                                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_AUTH_METHOD                             = setting.smtp_host != "" && setting.smtp_username == "" ? "none" : null
      SMTP_FROM_ADDRESS                            = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_ENABLE_STARTTLS                         = setting.smtp_host != "" ? setting.smtp_security == "starttls" ? "always" : "never" : null
      SMTP_TLS                                     = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
    }
    volume "media" {
      path  = "/opt/mastodon/public/system"
      owner = "991:991"
      mode  = "0755"
      kind  = "media"
    }
    volume "keys" {
      path      = "/keys"
      from      = "setup"
      read_only = true
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/health" }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 768
      memory_max = 1536
    }
  }

  # What arrives while you look. It has a name of its own, since the front door
  # tells apps apart by their names.
  service "streaming" {
    image = "ghcr.io/mastodon/mastodon-streaming:v4.7.2"
    after = ["setup"]
    env = {
      LOCAL_DOMAIN                                 = app.host
      STREAMING_API_BASE_URL                       = replace(replace(app.url, "https://", "wss://streaming-"), "http://", "ws://streaming-")
      DB_HOST                                      = service.db.host
      DB_PORT                                      = service.db.port
      DB_NAME                                      = "mastodon"
      DB_USER                                      = "mastodon"
      DB_PASS                                      = secret.db_password
      REDIS_HOST                                   = service.redis.host
      REDIS_PORT                                   = service.redis.port
      SECRET_KEY_BASE                              = secret.secret_key_base
      OTP_SECRET                                   = secret.otp_secret
      ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY         = secret.encryption_primary_key
      ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY   = secret.encryption_deterministic_key
      ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT = secret.encryption_salt
      MALLOC_ARENA_MAX                             = "2"
      TZ                                           = pool.timezone
      SMTP_SERVER                                  = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT                                    = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_LOGIN                                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_AUTH_METHOD                             = setting.smtp_host != "" && setting.smtp_username == "" ? "none" : null
      SMTP_FROM_ADDRESS                            = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_ENABLE_STARTTLS                         = setting.smtp_host != "" ? setting.smtp_security == "starttls" ? "always" : "never" : null
      SMTP_TLS                                     = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
    }
    expose "streaming" {
      port      = 4000
      subdomain = "streaming"
      access    = "app"
      health { path = "/api/v1/streaming/health" }
    }
    resources {
      cpu    = 100
      memory = 128
    }
  }

  service "sidekiq" {
    image   = "ghcr.io/mastodon/mastodon:v4.7.2"
    after   = ["setup"]
    command = ["/bin/sh", "-c", "set -a; . /keys/vapid.env; set +a; exec bundle exec sidekiq"]
    env = {
      DB_POOL                                      = "10"
      LOCAL_DOMAIN                                 = app.host
      STREAMING_API_BASE_URL                       = replace(replace(app.url, "https://", "wss://streaming-"), "http://", "ws://streaming-")
      DB_HOST                                      = service.db.host
      DB_PORT                                      = service.db.port
      DB_NAME                                      = "mastodon"
      DB_USER                                      = "mastodon"
      DB_PASS                                      = secret.db_password
      REDIS_HOST                                   = service.redis.host
      REDIS_PORT                                   = service.redis.port
      SECRET_KEY_BASE                              = secret.secret_key_base
      OTP_SECRET                                   = secret.otp_secret
      ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY         = secret.encryption_primary_key
      ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY   = secret.encryption_deterministic_key
      ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT = secret.encryption_salt
      MALLOC_ARENA_MAX                             = "2"
      TZ                                           = pool.timezone
      SMTP_SERVER                                  = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT                                    = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_LOGIN                                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_AUTH_METHOD                             = setting.smtp_host != "" && setting.smtp_username == "" ? "none" : null
      SMTP_FROM_ADDRESS                            = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_ENABLE_STARTTLS                         = setting.smtp_host != "" ? setting.smtp_security == "starttls" ? "always" : "never" : null
      SMTP_TLS                                     = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
    }
    volume "media" {
      path = "/opt/mastodon/public/system"
      from = "web"
    }
    volume "keys" {
      path      = "/keys"
      from      = "setup"
      read_only = true
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 1536
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "mastodon"
      POSTGRES_DB       = "mastodon"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "mastodon"] }
    backup { command = ["pg_dump", "-U", "mastodon", "mastodon"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 256
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # The queues of work live here, so it keeps them; bound to the address that
    # just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "60", "1", "--appendonly", "no"]
    volume "data" {
      path  = "/data"
      owner = "999:1000"
      kind  = "database"
    }
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    # The dump goes to the standard output; nothing else may.
    backup { command = ["redis-cli", "-h", "127.0.0.1", "--rdb", "-"] }
    stop_timeout = 15
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 512
    }
  }
}
