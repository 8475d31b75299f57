app "easyappointments" {
  title         = "Easy!Appointments"
  tagline       = "Appointments that customers book themselves"
  description   = "Say what you offer, who does it and when; customers choose a time on a page. Made for practices, salons, workshops and offices."
  category      = "business"
  version       = "1.5.0"
  website       = "https://easyappointments.org"
  source        = "https://github.com/alextselegidis/easyappointments"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 512
  notes         = "Open it right away: the first visitor makes the administrator's account."

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

  service "web" {
    image = "docker.io/alextselegidis/easyappointments:1.5.0"
    after = ["db"]
    env = {
      BASE_URL          = app.url
      DEBUG_MODE        = "FALSE"
      DB_HOST           = service.db.host
      DB_NAME           = "easyappointments"
      DB_USERNAME       = "easyappointments"
      DB_PASSWORD       = secret.db_password
      MAIL_PROTOCOL     = setting.smtp_host != "" ? "smtp" : "mail"
      MAIL_SMTP_HOST    = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_SMTP_PORT    = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_SMTP_AUTH    = setting.smtp_host != "" ? (setting.smtp_username != "" ? "1" : "0") : null
      MAIL_SMTP_USER    = setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_SMTP_PASS    = setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_SMTP_CRYPTO  = setting.smtp_host != "" && setting.smtp_security != "none" ? (setting.smtp_security == "tls" ? "ssl" : "tls") : null
      MAIL_FROM_ADDRESS = setting.smtp_from != "" ? setting.smtp_from : null
    }
    expose "web" {
      port   = 80
      access = "app"
      health {}
    }
    resources {
      cpu        = 200
      memory     = 128
      memory_max = 512
    }
  }

  service "db" {
    image = "docker.io/library/mysql:8.4.6"
    port  = 3306
    # Its second protocol is not used, and would be one more open port.
    command = ["--mysqlx=OFF"]
    env = {
      MYSQL_DATABASE             = "easyappointments"
      MYSQL_USER                 = "easyappointments"
      MYSQL_PASSWORD             = secret.db_password
      MYSQL_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["sh", "-c", "exec mysqladmin ping -h 127.0.0.1 -u easyappointments -p\"$MYSQL_PASSWORD\" --silent"] }
    backup { command = ["sh", "-c", "exec mysqldump --single-transaction --no-tablespaces -u easyappointments -p\"$MYSQL_PASSWORD\" easyappointments"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 512
      memory_max = 1024
    }
  }
}
