app "chatwoot" {
  title         = "Chatwoot"
  tagline       = "Answer your customers from one inbox"
  description   = "A chat window for your website, mail and messengers, all in one place for you and your colleagues, with notes, canned answers and a help centre."
  category      = "business"
  version       = "4.12.1"
  website       = "https://www.chatwoot.com"
  source        = "https://github.com/chatwoot/chatwoot"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 2560
  min_disk      = 4096
  notes         = "The first start takes some minutes. Open it right away at /installation/onboarding: whoever fills in that page is its administrator. Visitors of your website then see the chat window that you make under Inboxes."

  setting "signup" {
    title    = "Let others make accounts"
    type     = "bool"
    default  = false
    advanced = true
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
  secret "secret_key_base" {
    bytes   = 64
    charset = "hex"
  }
  secret "encryption_primary_key" {}
  secret "encryption_deterministic_key" {}
  secret "encryption_salt" {}
  secret "db_password" {}

  service "setup" {
    image   = "docker.io/chatwoot/chatwoot:v4.12.1"
    once    = true
    after   = ["db", "redis"]
    command = ["bundle", "exec", "rails", "db:chatwoot_prepare"]
    env = {
      SECRET_KEY_BASE                              = secret.secret_key_base
      ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY         = secret.encryption_primary_key
      ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY   = secret.encryption_deterministic_key
      ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT = secret.encryption_salt
      FRONTEND_URL                                 = app.url
      FORCE_SSL                                    = "false"
      ENABLE_ACCOUNT_SIGNUP                        = setting.signup
      REDIS_URL                                    = "redis://${service.redis.host}:${service.redis.port}"
      POSTGRES_HOST                                = service.db.host
      POSTGRES_PORT                                = service.db.port
      POSTGRES_DATABASE                            = "chatwoot"
      POSTGRES_USERNAME                            = "chatwoot"
      POSTGRES_PASSWORD                            = secret.db_password
      RAILS_ENV                                    = "production"
      NODE_ENV                                     = "production"
      INSTALLATION_ENV                             = "docker"
      RAILS_LOG_TO_STDOUT                          = "true"
      ACTIVE_STORAGE_SERVICE                       = "local"
      MALLOC_ARENA_MAX                             = "2"
      MAILER_SENDER_EMAIL                          = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_ADDRESS                                 = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT                                    = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USERNAME                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_AUTHENTICATION                          = setting.smtp_host != "" && setting.smtp_username != "" ? "plain" : null
      SMTP_ENABLE_STARTTLS_AUTO                    = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      SMTP_TLS                                     = setting.smtp_host != "" ? setting.smtp_security == "tls" ? "true" : null : null
    }
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }

  service "web" {
    image      = "docker.io/chatwoot/chatwoot:v4.12.1"
    after      = ["setup"]
    entrypoint = ["docker/entrypoints/rails.sh"]
    command    = ["bundle", "exec", "rails", "s", "-p", "3000", "-b", "0.0.0.0"]
    env = {
      SECRET_KEY_BASE                              = secret.secret_key_base
      ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY         = secret.encryption_primary_key
      ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY   = secret.encryption_deterministic_key
      ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT = secret.encryption_salt
      FRONTEND_URL                                 = app.url
      FORCE_SSL                                    = "false"
      ENABLE_ACCOUNT_SIGNUP                        = setting.signup
      REDIS_URL                                    = "redis://${service.redis.host}:${service.redis.port}"
      POSTGRES_HOST                                = service.db.host
      POSTGRES_PORT                                = service.db.port
      POSTGRES_DATABASE                            = "chatwoot"
      POSTGRES_USERNAME                            = "chatwoot"
      POSTGRES_PASSWORD                            = secret.db_password
      RAILS_ENV                                    = "production"
      NODE_ENV                                     = "production"
      INSTALLATION_ENV                             = "docker"
      RAILS_LOG_TO_STDOUT                          = "true"
      ACTIVE_STORAGE_SERVICE                       = "local"
      MALLOC_ARENA_MAX                             = "2"
      MAILER_SENDER_EMAIL                          = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_ADDRESS                                 = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT                                    = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USERNAME                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_AUTHENTICATION                          = setting.smtp_host != "" && setting.smtp_username != "" ? "plain" : null
      SMTP_ENABLE_STARTTLS_AUTO                    = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      SMTP_TLS                                     = setting.smtp_host != "" ? setting.smtp_security == "tls" ? "true" : null : null
    }
    volume "storage" {
      path  = "/app/storage"
      owner = "0:0"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health {
        path     = "/api"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 768
      memory_max = 1536
    }
  }

  service "sidekiq" {
    image   = "docker.io/chatwoot/chatwoot:v4.12.1"
    after   = ["setup"]
    command = ["bundle", "exec", "sidekiq", "-C", "config/sidekiq.yml"]
    env = {
      SECRET_KEY_BASE                              = secret.secret_key_base
      ACTIVE_RECORD_ENCRYPTION_PRIMARY_KEY         = secret.encryption_primary_key
      ACTIVE_RECORD_ENCRYPTION_DETERMINISTIC_KEY   = secret.encryption_deterministic_key
      ACTIVE_RECORD_ENCRYPTION_KEY_DERIVATION_SALT = secret.encryption_salt
      FRONTEND_URL                                 = app.url
      FORCE_SSL                                    = "false"
      ENABLE_ACCOUNT_SIGNUP                        = setting.signup
      REDIS_URL                                    = "redis://${service.redis.host}:${service.redis.port}"
      POSTGRES_HOST                                = service.db.host
      POSTGRES_PORT                                = service.db.port
      POSTGRES_DATABASE                            = "chatwoot"
      POSTGRES_USERNAME                            = "chatwoot"
      POSTGRES_PASSWORD                            = secret.db_password
      RAILS_ENV                                    = "production"
      NODE_ENV                                     = "production"
      INSTALLATION_ENV                             = "docker"
      RAILS_LOG_TO_STDOUT                          = "true"
      ACTIVE_STORAGE_SERVICE                       = "local"
      MALLOC_ARENA_MAX                             = "2"
      MAILER_SENDER_EMAIL                          = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_ADDRESS                                 = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT                                    = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USERNAME                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD                                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_AUTHENTICATION                          = setting.smtp_host != "" && setting.smtp_username != "" ? "plain" : null
      SMTP_ENABLE_STARTTLS_AUTO                    = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      SMTP_TLS                                     = setting.smtp_host != "" ? setting.smtp_security == "tls" ? "true" : null : null
    }
    volume "storage" {
      path = "/app/storage"
      from = "web"
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 512
      memory_max = 1024
    }
  }

  service "db" {
    image = "docker.io/pgvector/pgvector:0.8.1-pg17"
    port  = 5432
    env = {
      POSTGRES_USER     = "chatwoot"
      POSTGRES_DB       = "chatwoot"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "999:999"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "chatwoot"] }
    backup { command = ["pg_dump", "-U", "chatwoot", "chatwoot"] }
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
