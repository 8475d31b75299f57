app "snipe-it" {
  title         = "Snipe-IT"
  tagline       = "Who has which device"
  description   = "Laptops, phones, licences, keys and everything else that is lent out: who has it, since when, what it cost and when it must be back."
  category      = "business"
  version       = "8.5.0"
  website       = "https://snipeitapp.com"
  source        = "https://github.com/grokability/snipe-it"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 1024
  notes         = "The first visitor sets it up and makes the administrator's account. Only your home network passes its front door until you open it to others."

  setting "smtp_host" {
    title    = "Mail server"
    help     = "Leave it empty if it shall send no mail."
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
    title    = "User name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Address that mail comes from"
    type     = "email"
    advanced = true
  }
  secret "app_key" {
    bytes   = 32
    charset = "base64"
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/snipe/snipe-it:v8.5.0"
    after = ["db"]
    env = {
      APP_ENV              = "production"
      APP_DEBUG            = "false"
      APP_KEY              = "base64:${secret.app_key}"
      APP_TIMEZONE         = pool.timezone
      APP_TRUSTED_PROXIES  = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      APP_URL              = app.url
      DB_CONNECTION        = "mysql"
      DB_HOST              = service.db.host
      DB_PORT              = service.db.port
      DB_DATABASE          = "snipeit"
      DB_USERNAME          = "snipeit"
      DB_PASSWORD          = secret.db_password
      MAIL_MAILER          = setting.smtp_host != "" ? "smtp" : "log"
      MAIL_HOST            = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT            = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USERNAME        = setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD        = setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM_ADDR       = setting.smtp_from != "" ? setting.smtp_from : "snipeit@${app.host}"
      MAIL_FROM_NAME       = "Snipe-IT"
      MAIL_REPLYTO_ADDR    = setting.smtp_from != "" ? setting.smtp_from : "snipeit@${app.host}"
      MAIL_REPLYTO_NAME    = "Snipe-IT"
      MAIL_TLS_VERIFY_PEER = "true"
      SECURE_COOKIES       = trimprefix(app.url, "https://") != app.url ? "true" : "false"
    }
    volume "data" {
      path = "/var/lib/snipeit"
      mode = "0755"
      kind = "data"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 80
      access = "private"
      health {
        path    = "/health"
        timeout = 10
      }
    }
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "snipeit"
      MARIADB_USER                 = "snipeit"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u snipeit -p\"$MARIADB_PASSWORD\" snipeit"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
