app "diaspora" {
  title         = "diaspora*"
  tagline       = "Share with the people you mean, aspect by aspect"
  description   = "The network that began the idea of many servers instead of one: put people into aspects such as family, work and choir, and each post reaches just those whom you mean. Your pod exchanges with all other pods."
  category      = "social"
  version       = "0.9.0.0"
  website       = "https://diasporafoundation.org"
  source        = "https://github.com/diaspora/diaspora"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64"]
  min_memory    = 1536
  min_disk      = 4096
  notes         = "The first start takes some minutes. Sign in with the name that you chose and the password that was made for you; you are the pod's administrator. Others cannot sign up by themselves; you invite them. The host name cannot be changed later, since other pods remember it."

  setting "owner_username" {
    title   = "Your name in the network"
    help    = "What stands before this app's host name in your address. Used once, for the first account."
    type    = "string"
    default = "me"
    pattern = "[a-z0-9_.-]{1,32}"
  }
  setting "owner_email" {
    title = "Your e-mail address"
    help  = "Empty: your name at the app's host name."
    type  = "email"
  }
  setting "pod_name" {
    title   = "The pod's name"
    type    = "string"
    default = "diaspora*"
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
  secret "db_password" {}

  # Makes the tables and the first account.
  service "setup" {
    image = "docker.io/koehn/diaspora:0.9.0.0"
    once  = true
    after = ["db", "redis"]
    # The login shell finds Ruby, which lies in the user's home.
    command = ["/bin/bash", "--login", "/opt/setup.sh"]
    env = {
      OWNER_USERNAME                       = setting.owner_username
      OWNER_PASSWORD                       = secret.owner_password
      RAILS_ENV                            = "production"
      ENVIRONMENT_URL                      = "${app.url}/"
      ENVIRONMENT_REDIS                    = "redis://${service.redis.host}:${service.redis.port}"
      ENVIRONMENT_REQUIRE_SSL              = replace(app.url, "https://", "") != app.url
      ENVIRONMENT_CERTIFICATE_AUTHORITIES  = "/etc/ssl/certs/ca-certificates.crt"
      ENVIRONMENT_ASSETS_SERVE             = "true"
      ENVIRONMENT_LOGGING_LOGROTATE_ENABLE = "false"
      SERVER_LISTEN                        = "tcp://0.0.0.0:3000"
      SERVER_RAILS_ENVIRONMENT             = "production"
      SETTINGS_POD_NAME                    = setting.pod_name
      SETTINGS_ENABLE_REGISTRATIONS        = "false"
      SETTINGS_AUTOFOLLOW_ON_JOIN          = "false"
      ADMINS_ACCOUNT                       = setting.owner_username
      ADMINS_PODMIN_EMAIL                  = setting.owner_email != "" ? setting.owner_email : "${setting.owner_username}@${app.host}"
      MAIL_ENABLE                          = setting.smtp_host != ""
      MAIL_METHOD                          = setting.smtp_host != "" ? "smtp" : null
      MAIL_SENDER_ADDRESS                  = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_SMTP_HOST                       = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_SMTP_PORT                       = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_SMTP_AUTHENTICATION             = setting.smtp_host != "" ? setting.smtp_username != "" ? "plain" : "none" : null
      MAIL_SMTP_USERNAME                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_SMTP_PASSWORD                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_SMTP_STARTTLS_AUTO              = setting.smtp_host != "" ? "true" : null
    }
    # All settings come from the environment; the file must only be there.
    file "/home/diaspora/diaspora/config/diaspora.toml" { content = "[configuration]\n" }
    file "/home/diaspora/diaspora/config/initializers/secret_token.rb" {
      content = "Diaspora::Application.config.secret_key_base = \"${secret.secret_key_base}\"\n"
    }
    file "/home/diaspora/diaspora/config/database.yml" {
      content = <<-EOT
        production:
          adapter: postgresql
          encoding: unicode
          pool: 25
          host: ${service.db.host}
          port: ${service.db.port}
          database: diaspora
          username: diaspora
          password: ${secret.db_password}
      EOT
    }
    file "/opt/setup.sh" {
      content = <<-EOT
        set -e
        cd /home/diaspora/diaspora
        mkdir -p tmp/pids tmp/cache
        bin/rake db:migrate
        bin/bundle exec rails runner '
          unless User.exists?
            user = User.build(username: ENV["OWNER_USERNAME"], email: ENV["ADMINS_PODMIN_EMAIL"],
                              password: ENV["OWNER_PASSWORD"], password_confirmation: ENV["OWNER_PASSWORD"], language: "en")
            user.save!
            user.seed_aspects
            Role.add_admin(user.person)
          end
        '
      EOT
    }
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }

  service "web" {
    image   = "docker.io/koehn/diaspora:0.9.0.0"
    after   = ["setup"]
    command = ["/bin/bash", "--login", "-c", "cd /home/diaspora/diaspora && mkdir -p tmp/pids tmp/cache && exec bin/puma -C config/puma.rb"]
    env = {
      RAILS_ENV                            = "production"
      ENVIRONMENT_URL                      = "${app.url}/"
      ENVIRONMENT_REDIS                    = "redis://${service.redis.host}:${service.redis.port}"
      ENVIRONMENT_REQUIRE_SSL              = replace(app.url, "https://", "") != app.url
      ENVIRONMENT_CERTIFICATE_AUTHORITIES  = "/etc/ssl/certs/ca-certificates.crt"
      ENVIRONMENT_ASSETS_SERVE             = "true"
      ENVIRONMENT_LOGGING_LOGROTATE_ENABLE = "false"
      SERVER_LISTEN                        = "tcp://0.0.0.0:3000"
      SERVER_RAILS_ENVIRONMENT             = "production"
      SETTINGS_POD_NAME                    = setting.pod_name
      SETTINGS_ENABLE_REGISTRATIONS        = "false"
      SETTINGS_AUTOFOLLOW_ON_JOIN          = "false"
      ADMINS_ACCOUNT                       = setting.owner_username
      ADMINS_PODMIN_EMAIL                  = setting.owner_email != "" ? setting.owner_email : "${setting.owner_username}@${app.host}"
      MAIL_ENABLE                          = setting.smtp_host != ""
      MAIL_METHOD                          = setting.smtp_host != "" ? "smtp" : null
      MAIL_SENDER_ADDRESS                  = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_SMTP_HOST                       = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_SMTP_PORT                       = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_SMTP_AUTHENTICATION             = setting.smtp_host != "" ? setting.smtp_username != "" ? "plain" : "none" : null
      MAIL_SMTP_USERNAME                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_SMTP_PASSWORD                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_SMTP_STARTTLS_AUTO              = setting.smtp_host != "" ? "true" : null
    }
    # All settings come from the environment; the file must only be there.
    file "/home/diaspora/diaspora/config/diaspora.toml" { content = "[configuration]\n" }
    file "/home/diaspora/diaspora/config/initializers/secret_token.rb" {
      content = "Diaspora::Application.config.secret_key_base = \"${secret.secret_key_base}\"\n"
    }
    file "/home/diaspora/diaspora/config/database.yml" {
      content = <<-EOT
        production:
          adapter: postgresql
          encoding: unicode
          pool: 25
          host: ${service.db.host}
          port: ${service.db.port}
          database: diaspora
          username: diaspora
          password: ${secret.db_password}
      EOT
    }
    volume "uploads" {
      path  = "/home/diaspora/diaspora/public/uploads"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 3000
      access = "app"
      # Asked without https it only points there, so accepting a connection is the check.
      health {}
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 1024
    }
  }

  service "sidekiq" {
    image   = "docker.io/koehn/diaspora:0.9.0.0"
    after   = ["setup"]
    command = ["/bin/bash", "--login", "-c", "cd /home/diaspora/diaspora && mkdir -p tmp/pids tmp/cache && exec bin/bundle exec sidekiq"]
    env = {
      RAILS_ENV                            = "production"
      ENVIRONMENT_URL                      = "${app.url}/"
      ENVIRONMENT_REDIS                    = "redis://${service.redis.host}:${service.redis.port}"
      ENVIRONMENT_REQUIRE_SSL              = replace(app.url, "https://", "") != app.url
      ENVIRONMENT_CERTIFICATE_AUTHORITIES  = "/etc/ssl/certs/ca-certificates.crt"
      ENVIRONMENT_ASSETS_SERVE             = "true"
      ENVIRONMENT_LOGGING_LOGROTATE_ENABLE = "false"
      SERVER_LISTEN                        = "tcp://0.0.0.0:3000"
      SERVER_RAILS_ENVIRONMENT             = "production"
      SETTINGS_POD_NAME                    = setting.pod_name
      SETTINGS_ENABLE_REGISTRATIONS        = "false"
      SETTINGS_AUTOFOLLOW_ON_JOIN          = "false"
      ADMINS_ACCOUNT                       = setting.owner_username
      ADMINS_PODMIN_EMAIL                  = setting.owner_email != "" ? setting.owner_email : "${setting.owner_username}@${app.host}"
      MAIL_ENABLE                          = setting.smtp_host != ""
      MAIL_METHOD                          = setting.smtp_host != "" ? "smtp" : null
      MAIL_SENDER_ADDRESS                  = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_SMTP_HOST                       = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_SMTP_PORT                       = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_SMTP_AUTHENTICATION             = setting.smtp_host != "" ? setting.smtp_username != "" ? "plain" : "none" : null
      MAIL_SMTP_USERNAME                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_SMTP_PASSWORD                   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_SMTP_STARTTLS_AUTO              = setting.smtp_host != "" ? "true" : null
    }
    # All settings come from the environment; the file must only be there.
    file "/home/diaspora/diaspora/config/diaspora.toml" { content = "[configuration]\n" }
    file "/home/diaspora/diaspora/config/initializers/secret_token.rb" {
      content = "Diaspora::Application.config.secret_key_base = \"${secret.secret_key_base}\"\n"
    }
    file "/home/diaspora/diaspora/config/database.yml" {
      content = <<-EOT
        production:
          adapter: postgresql
          encoding: unicode
          pool: 25
          host: ${service.db.host}
          port: ${service.db.port}
          database: diaspora
          username: diaspora
          password: ${secret.db_password}
      EOT
    }
    volume "uploads" {
      path = "/home/diaspora/diaspora/public/uploads"
      from = "web"
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "diaspora"
      POSTGRES_DB       = "diaspora"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "diaspora"] }
    backup { command = ["pg_dump", "-U", "diaspora", "diaspora"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
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
