app "pixelfed" {
  title         = "Pixelfed"
  tagline       = "Share photos without anybody looking over your shoulder"
  description   = "Albums, stories and filters in the order in which they were posted, without advertisements. People on Mastodon and the other networks can follow you."
  category      = "social"
  version       = "0.12.6"
  website       = "https://pixelfed.org"
  source        = "https://github.com/pixelfed/pixelfed"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 10240
  notes         = "The first start takes some minutes. Sign in with your e-mail address and the password that was made for you; you are the administrator. The host name cannot be changed later, since other servers remember it."

  setting "owner_username" {
    title   = "Your name in the network"
    help    = "Used once, for the first account."
    type    = "string"
    default = "me"
    pattern = "[a-z][a-z0-9_]{1,29}"
  }
  setting "owner_email" {
    title = "Your e-mail address"
    help  = "You sign in with it. Empty: your name at the app's host name. Used once."
    type  = "email"
  }
  setting "site_name" {
    title   = "The site's name"
    type    = "string"
    default = "Pixelfed"
  }
  setting "registrations" {
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
  secret "owner_password" {
    title  = "Your first password"
    reveal = true
  }
  secret "app_key" {
    bytes   = 32
    charset = "base64"
  }
  secret "db_password" {}

  # The directories that the image brings in storage are hidden by the volume.
  service "prepare" {
    image      = "ghcr.io/pixelfed/pixelfed:v0.12.6"
    once       = true
    user       = "33:33"
    entrypoint = ["/bin/sh", "-c"]
    command    = ["cd /var/www/html/storage && mkdir -p app/public app/remcache debugbar framework/cache/data framework/sessions framework/testing framework/views logs"]
    volume "storage" {
      path = "/var/www/html/storage"
      from = "web"
    }
    resources {
      cpu    = 20
      memory = 32
    }
  }

  service "web" {
    image = "ghcr.io/pixelfed/pixelfed:v0.12.6"
    after = ["prepare", "db", "redis"]
    env = {
      # Makes and updates the tables before it serves; just this one does.
      AUTORUN_ENABLED              = "true"
      AUTORUN_LARAVEL_MIGRATION    = "true"
      AUTORUN_LARAVEL_STORAGE_LINK = "true"
      APP_NAME                     = setting.site_name
      APP_ENV                      = "production"
      APP_KEY                      = "base64:${secret.app_key}"
      APP_URL                      = app.url
      APP_DOMAIN                   = app.host
      ADMIN_DOMAIN                 = app.host
      SESSION_DOMAIN               = app.host
      APP_TIMEZONE                 = "UTC"
      FORCE_HTTPS_URLS             = replace(app.url, "https://", "") != app.url
      TRUST_PROXIES                = "*"
      LOG_CHANNEL                  = "stderr"
      OPEN_REGISTRATION            = setting.registrations
      ENFORCE_EMAIL_VERIFICATION   = setting.smtp_host != ""
      ACTIVITY_PUB                 = "true"
      AP_REMOTE_FOLLOW             = "true"
      AP_INBOX                     = "true"
      AP_OUTBOX                    = "true"
      AP_SHAREDINBOX               = "true"
      INSTANCE_DISCOVER_PUBLIC     = "false"
      OAUTH_ENABLED                = "true"
      DB_CONNECTION                = "mysql"
      DB_HOST                      = service.db.host
      DB_PORT                      = service.db.port
      DB_DATABASE                  = "pixelfed"
      DB_USERNAME                  = "pixelfed"
      DB_PASSWORD                  = secret.db_password
      REDIS_CLIENT                 = "phpredis"
      REDIS_HOST                   = service.redis.host
      REDIS_PORT                   = service.redis.port
      CACHE_DRIVER                 = "redis"
      QUEUE_DRIVER                 = "redis"
      QUEUE_CONNECTION             = "redis"
      SESSION_DRIVER               = "redis"
      BROADCAST_DRIVER             = "log"
      FILESYSTEM_CLOUD             = "s3"
      PF_ENABLE_CLOUD              = "false"
      MAIL_DRIVER                  = setting.smtp_host != "" ? "smtp" : "log"
      MAIL_HOST                    = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT                    = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USERNAME                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM_ADDRESS            = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_ENCRYPTION              = setting.smtp_host != "" ? setting.smtp_security == "none" ? null : "tls" : null
    }
    volume "storage" {
      path  = "/var/www/html/storage"
      owner = "33:33"
      kind  = "media"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health {
        path     = "/api/service/health-check"
        interval = 30
        timeout  = 10
      }
    }
    resources {
      cpu        = 300
      memory     = 384
      memory_max = 1024
    }
  }

  # Makes thumbnails, sends and receives; and makes the keys and the first
  # account once the tables are there.
  service "horizon" {
    image   = "ghcr.io/pixelfed/pixelfed:v0.12.6"
    after   = ["web"]
    command = ["/bin/sh", "/opt/horizon.sh"]
    env = {
      OWNER_USERNAME             = setting.owner_username
      OWNER_EMAIL                = setting.owner_email != "" ? setting.owner_email : "${setting.owner_username}@${app.host}"
      OWNER_PASSWORD             = secret.owner_password
      AUTORUN_ENABLED            = "false"
      APP_NAME                   = setting.site_name
      APP_ENV                    = "production"
      APP_KEY                    = "base64:${secret.app_key}"
      APP_URL                    = app.url
      APP_DOMAIN                 = app.host
      ADMIN_DOMAIN               = app.host
      SESSION_DOMAIN             = app.host
      APP_TIMEZONE               = "UTC"
      FORCE_HTTPS_URLS           = replace(app.url, "https://", "") != app.url
      TRUST_PROXIES              = "*"
      LOG_CHANNEL                = "stderr"
      OPEN_REGISTRATION          = setting.registrations
      ENFORCE_EMAIL_VERIFICATION = setting.smtp_host != ""
      ACTIVITY_PUB               = "true"
      AP_REMOTE_FOLLOW           = "true"
      AP_INBOX                   = "true"
      AP_OUTBOX                  = "true"
      AP_SHAREDINBOX             = "true"
      INSTANCE_DISCOVER_PUBLIC   = "false"
      OAUTH_ENABLED              = "true"
      DB_CONNECTION              = "mysql"
      DB_HOST                    = service.db.host
      DB_PORT                    = service.db.port
      DB_DATABASE                = "pixelfed"
      DB_USERNAME                = "pixelfed"
      DB_PASSWORD                = secret.db_password
      REDIS_CLIENT               = "phpredis"
      REDIS_HOST                 = service.redis.host
      REDIS_PORT                 = service.redis.port
      CACHE_DRIVER               = "redis"
      QUEUE_DRIVER               = "redis"
      QUEUE_CONNECTION           = "redis"
      SESSION_DRIVER             = "redis"
      BROADCAST_DRIVER           = "log"
      FILESYSTEM_CLOUD           = "s3"
      PF_ENABLE_CLOUD            = "false"
      MAIL_DRIVER                = setting.smtp_host != "" ? "smtp" : "log"
      MAIL_HOST                  = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT                  = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USERNAME              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM_ADDRESS          = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_ENCRYPTION            = setting.smtp_host != "" ? setting.smtp_security == "none" ? null : "tls" : null
    }
    file "/opt/horizon.sh" {
      content = <<-EOT
        cd /var/www/html
        if [ ! -e storage/.first-account-made ]; then
          until php artisan migrate:status > /dev/null 2>&1; do sleep 2; done
          php artisan instance:actor
          php artisan passport:keys
          php artisan user:create --name="$OWNER_USERNAME" --username="$OWNER_USERNAME" --email="$OWNER_EMAIL" --password="$OWNER_PASSWORD" --is_admin=true --confirm_email=1 \
            && touch storage/.first-account-made
        fi
        unset OWNER_PASSWORD
        exec php artisan horizon
      EOT
    }
    volume "storage" {
      path = "/var/www/html/storage"
      from = "web"
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }

  service "scheduler" {
    image   = "ghcr.io/pixelfed/pixelfed:v0.12.6"
    after   = ["web"]
    command = ["php", "artisan", "schedule:work"]
    env = {
      AUTORUN_ENABLED            = "false"
      APP_NAME                   = setting.site_name
      APP_ENV                    = "production"
      APP_KEY                    = "base64:${secret.app_key}"
      APP_URL                    = app.url
      APP_DOMAIN                 = app.host
      ADMIN_DOMAIN               = app.host
      SESSION_DOMAIN             = app.host
      APP_TIMEZONE               = "UTC"
      FORCE_HTTPS_URLS           = replace(app.url, "https://", "") != app.url
      TRUST_PROXIES              = "*"
      LOG_CHANNEL                = "stderr"
      OPEN_REGISTRATION          = setting.registrations
      ENFORCE_EMAIL_VERIFICATION = setting.smtp_host != ""
      ACTIVITY_PUB               = "true"
      AP_REMOTE_FOLLOW           = "true"
      AP_INBOX                   = "true"
      AP_OUTBOX                  = "true"
      AP_SHAREDINBOX             = "true"
      INSTANCE_DISCOVER_PUBLIC   = "false"
      OAUTH_ENABLED              = "true"
      DB_CONNECTION              = "mysql"
      DB_HOST                    = service.db.host
      DB_PORT                    = service.db.port
      DB_DATABASE                = "pixelfed"
      DB_USERNAME                = "pixelfed"
      DB_PASSWORD                = secret.db_password
      REDIS_CLIENT               = "phpredis"
      REDIS_HOST                 = service.redis.host
      REDIS_PORT                 = service.redis.port
      CACHE_DRIVER               = "redis"
      QUEUE_DRIVER               = "redis"
      QUEUE_CONNECTION           = "redis"
      SESSION_DRIVER             = "redis"
      BROADCAST_DRIVER           = "log"
      FILESYSTEM_CLOUD           = "s3"
      PF_ENABLE_CLOUD            = "false"
      MAIL_DRIVER                = setting.smtp_host != "" ? "smtp" : "log"
      MAIL_HOST                  = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT                  = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USERNAME              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM_ADDRESS          = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_ENCRYPTION            = setting.smtp_host != "" ? setting.smtp_security == "none" ? null : "tls" : null
    }
    volume "storage" {
      path = "/var/www/html/storage"
      from = "web"
    }
    resources {
      cpu        = 50
      memory     = 128
      memory_max = 512
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "pixelfed"
      MARIADB_USER                 = "pixelfed"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u \"$MARIADB_USER\" -p\"$MARIADB_PASSWORD\" \"$MARIADB_DATABASE\""] }
    stop_timeout = 60
    resources {
      cpu    = 200
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
