app "monica" {
  title         = "Monica"
  tagline       = "Remember what matters about the people you know"
  description   = "A notebook about friends and family: birthdays, children's names, what you last talked about, gifts and debts. It reminds you to call, and it is for your eyes alone."
  category      = "social"
  version       = "4.1.2"
  website       = "https://www.monicahq.com"
  source        = "https://github.com/monicahq/monica"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the account, and after that nobody else can make one. Reminders come by e-mail, so give it a mail server in the settings."

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
    choices  = ["tls", "starttls", "none"]
    default  = "tls"
    advanced = true
  }
  secret "app_key" {}
  secret "db_password" {}
  secret "hash_salt" { length = 20 }

  service "web" {
    image      = "docker.io/library/monica:4.1.2-apache"
    after      = ["db"]
    entrypoint = ["/bin/bash", "-c"]
    # Reminders are sent by the image's own cron, beside the web server: both
    # need the files that entrypoint.sh prepares.
    command = ["cron.sh & exec entrypoint.sh apache2-foreground"]
    env = {
      APP_DISABLE_SIGNUP  = "true"
      APP_ENV             = "production"
      APP_FORCE_URL       = "true"
      APP_KEY             = secret.app_key
      APP_TRUSTED_PROXIES = "*"
      APP_URL             = app.url
      DB_CONNECTION       = "mysql"
      DB_DATABASE         = "monica"
      DB_HOST             = service.db.host
      DB_PASSWORD         = secret.db_password
      DB_PORT             = service.db.port
      DB_USERNAME         = "monica"
      HASH_SALT           = secret.hash_salt
      LOG_CHANNEL         = "stderr"
      MAIL_MAILER         = setting.smtp_host != "" ? "smtp" : "log"
      MAIL_HOST           = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT           = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USERNAME       = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD       = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM_ADDRESS   = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_ENCRYPTION     = setting.smtp_host != "" && setting.smtp_security != "none" ? "tls" : null
      MAIL_FROM_NAME      = setting.smtp_host != "" ? "Monica" : null
    }
    volume "storage" {
      path  = "/var/www/html/storage"
      owner = "33:33"
      kind  = "data"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {}
    }
    init         = true
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }

  service "db" {
    image   = "docker.io/library/mariadb:11.8.2"
    port    = 3306
    command = ["mariadbd", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--transaction-isolation=READ-COMMITTED"]
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "monica"
      MARIADB_USER                 = "monica"
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
