app "lychee" {
  title         = "Lychee"
  tagline       = "A gallery for your photographs"
  description   = "Albums that look the way you want others to see them: upload, arrange, share by link or with a password. For photographers and families who want to show rather than only store."
  category      = "photos"
  version       = "7.7.2"
  website       = "https://lycheeorg.dev"
  source        = "https://github.com/LycheeOrg/Lychee"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 4096
  notes         = "Open it right away: the first visitor makes the administrator's account. Photographs lie in the folder \"web/uploads\" that this app's status names."

  setting "smtp_host" {
    title    = "Mail server"
    help     = "Which server sends the app's mail. Left empty, it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.:_-]{0,253}"
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
    title    = "Sender of the app's mail"
    type     = "email"
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption to the mail server"
    help     = "Port 587 mostly wants starttls, port 465 tls."
    type     = "choice"
    choices  = ["tls", "none"]
    default  = "tls"
    advanced = true
  }
  secret "app_key" {
    bytes   = 32
    charset = "base64"
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/lycheeorg/lychee:v7.7.2"
    after = ["db"]
    env = {
      APP_ENV                   = "production"
      APP_FORCE_HTTPS           = replace(app.url, "https://", "") != app.url
      APP_KEY                   = "base64:${secret.app_key}"
      APP_URL                   = app.url
      DB_CONNECTION             = "mysql"
      DB_DATABASE               = "lychee"
      DB_HOST                   = service.db.host
      DB_PASSWORD               = secret.db_password
      DB_PORT                   = service.db.port
      DB_USERNAME               = "lychee"
      LYCHEE_MAX_EXECUTION_TIME = "180"
      MAIL_MAILER               = setting.smtp_host != "" ? "smtp" : null
      MAIL_HOST                 = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT                 = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USERNAME             = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD             = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM_ADDRESS         = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_ENCRYPTION           = setting.smtp_host != "" && setting.smtp_security == "tls" ? "tls" : null
      PGID                      = "1000"
      PUID                      = "1000"
      # No worker runs beside it: a picture is made ready while it is uploaded.
      QUEUE_CONNECTION = "sync"
      TIMEZONE         = pool.timezone
      TRUSTED_PROXIES  = "*"
    }
    volume "uploads" {
      path  = "/app/public/uploads"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "logs" {
      path  = "/app/storage/logs"
      owner = "1000:1000"
      kind  = "cache"
    }
    volume "tmp" {
      path  = "/app/storage/tmp"
      owner = "1000:1000"
      kind  = "cache"
    }
    expose "web" {
      port   = 8000
      access = "app"
      health {
        path    = "/up"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 300
      memory     = 384
      memory_max = 1024
    }
  }

  service "db" {
    image   = "docker.io/library/mariadb:11.8.2"
    port    = 3306
    command = ["mariadbd", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--transaction-isolation=READ-COMMITTED"]
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "lychee"
      MARIADB_USER                 = "lychee"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "MYSQL_PWD=\"$MARIADB_PASSWORD\" exec mariadb-dump --single-transaction -u \"$MARIADB_USER\" \"$MARIADB_DATABASE\""] }
    stop_timeout = 60
    resources {
      cpu    = 200
      memory = 256
    }
  }
}
