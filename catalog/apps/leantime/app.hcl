app "leantime" {
  title         = "Leantime"
  tagline       = "Projects for people who are not project managers"
  description   = "Goals, ideas, plans, tasks, time sheets and a wiki in one place, made with people in mind whom long lists overwhelm."
  category      = "business"
  version       = "3.9.8"
  website       = "https://leantime.io"
  source        = "https://github.com/Leantime/leantime"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "The first visitor makes the administrator's account and the company. Only your home network passes its front door until you open it to others."

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
  setting "smtp_security" {
    title    = "Encryption to the mail server"
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
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
  secret "db_password" {}
  secret "session_password" { length = 64 }

  service "web" {
    image = "docker.io/leantime/leantime:3.9.8"
    after = ["db", "first-files"]
    env = {
      LEAN_APP_URL             = app.url
      LEAN_DB_HOST             = service.db.host
      LEAN_DB_PORT             = service.db.port
      LEAN_DB_DATABASE         = "leantime"
      LEAN_DB_USER             = "leantime"
      LEAN_DB_PASSWORD         = secret.db_password
      LEAN_DEFAULT_TIMEZONE    = pool.timezone
      LEAN_EMAIL_RETURN        = setting.smtp_from != "" ? setting.smtp_from : null
      LEAN_EMAIL_USE_SMTP      = setting.smtp_host != "" ? "true" : "false"
      LEAN_EMAIL_SMTP_HOSTS    = setting.smtp_host != "" ? setting.smtp_host : null
      LEAN_EMAIL_SMTP_PORT     = setting.smtp_host != "" ? setting.smtp_port : null
      LEAN_EMAIL_SMTP_AUTH     = setting.smtp_host != "" ? setting.smtp_username != "" : null
      LEAN_EMAIL_SMTP_USERNAME = setting.smtp_host != "" ? setting.smtp_username : null
      LEAN_EMAIL_SMTP_PASSWORD = setting.smtp_host != "" ? setting.smtp_password : null
      LEAN_EMAIL_SMTP_SECURE   = setting.smtp_host != "" && setting.smtp_security != "none" ? (setting.smtp_security == "tls" ? "SSL" : "STARTTLS") : null
      LEAN_SESSION_PASSWORD    = secret.session_password
      LEAN_SESSION_SECURE      = trimprefix(app.url, "https://") != app.url ? "true" : "false"
    }
    volume "userfiles" {
      path  = "/var/www/html/userfiles"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "data"
    }
    volume "pictures" {
      path  = "/var/www/html/public/userfiles"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "data"
    }
    volume "plugins" {
      path  = "/var/www/html/app/Plugins"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "data"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 8080
      access = "private"
      health { path = "/healthCheck.php" }
    }
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 768
    }
  }

  # The image's own plugins lie where the volume is, which hides them.
  service "first-files" {
    image      = "docker.io/leantime/leantime:3.9.8"
    entrypoint = ["/bin/sh", "-ec"]
    command    = ["cp -an /var/www/html/app/Plugins/. /first/"]
    once       = true
    volume "plugins" {
      path = "/first"
      from = "web"
    }
    resources {
      cpu        = 50
      memory     = 16
      memory_max = 64
    }
  }

  service "db" {
    image = "docker.io/library/mysql:8.4.6"
    port  = 3306
    # Its second protocol is not used, and would be one more open port.
    command = ["--mysqlx=OFF"]
    env = {
      MYSQL_DATABASE             = "leantime"
      MYSQL_USER                 = "leantime"
      MYSQL_PASSWORD             = secret.db_password
      MYSQL_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["sh", "-c", "exec mysqladmin ping -h 127.0.0.1 -u leantime -p\"$MYSQL_PASSWORD\" --silent"] }
    backup { command = ["sh", "-c", "exec mysqldump --single-transaction --no-tablespaces -u leantime -p\"$MYSQL_PASSWORD\" leantime"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 512
      memory_max = 1024
    }
  }
}
