app "bookstack" {
  title         = "BookStack"
  tagline       = "A wiki that is ordered like a bookshelf"
  description   = "Write down how things are done, in shelves, books, chapters and pages, with an editor that needs no explaining. Good for a family's papers as for a firm's handbook."
  category      = "notes"
  version       = "26.05"
  website       = "https://www.bookstackapp.com"
  source        = "https://codeberg.org/bookstack/bookstack"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 1024
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    help     = "You sign in with it."
    type     = "email"
    required = true
  }
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
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "app_key" {
    bytes   = 32
    charset = "base64"
  }
  secret "db_password" {}

  service "web" {
    image = "lscr.io/linuxserver/bookstack:26.05.20260608"
    after = ["db"]
    env = {
      ADMIN_EMAIL     = setting.admin_email
      ADMIN_PASSWORD  = secret.admin_password
      APP_KEY         = "base64:${secret.app_key}"
      APP_PROXIES     = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      APP_URL         = app.url
      DB_DATABASE     = "bookstack"
      DB_HOST         = service.db.host
      DB_PASSWORD     = secret.db_password
      DB_PORT         = service.db.port
      DB_USERNAME     = "bookstack"
      MAIL_DRIVER     = setting.smtp_host != "" ? "smtp" : null
      MAIL_HOST       = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT       = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USERNAME   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM       = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_ENCRYPTION = setting.smtp_host != "" && setting.smtp_security == "tls" ? "tls" : null
      MAIL_FROM_NAME  = setting.smtp_host != "" ? "BookStack" : null
      PGID            = "1000"
      PUID            = "1000"
      TZ              = pool.timezone
    }
    # Its makers' first account has a password that everybody knows; this puts
    # ours in its place after the database is made and before it listens. Once
    # that account is gone, the command ends with 2 and has changed nothing.
    # Should it fail otherwise, the container ends, rather than serve everybody.
    file "/custom-cont-init.d/10-admin" {
      mode    = "0755"
      content = <<-EOT
        #!/bin/bash
        cd /app/www && s6-setuidgid abc php artisan bookstack:create-admin --initial \
          --email="$ADMIN_EMAIL" --name=Admin --password="$ADMIN_PASSWORD"
        ended=$?
        [ "$ended" = 0 ] || [ "$ended" = 2 ] || exec /run/s6/basedir/bin/halt
      EOT
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path    = "/status"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 512
    }
  }

  service "db" {
    image   = "docker.io/library/mariadb:11.8.2"
    port    = 3306
    command = ["mariadbd", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--transaction-isolation=READ-COMMITTED"]
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "bookstack"
      MARIADB_USER                 = "bookstack"
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
