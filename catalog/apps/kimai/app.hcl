app "kimai" {
  title         = "Kimai"
  tagline       = "Where the hours went"
  description   = "Write down what you work on and for whom, alone or as a team, and make reports and bills out of it."
  category      = "business"
  version       = "2.65.0"
  website       = "https://www.kimai.org"
  source        = "https://github.com/kimai/kimai"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 512
  notes         = "Sign in as admin with the password that was made for you. Make accounts for others under Users."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    type     = "email"
    required = true
  }
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
  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "app_secret" { length = 64 }
  secret "db_password" {}

  service "web" {
    image = "docker.io/kimai/kimai2:2.65.0"
    after = ["db"]
    env = {
      ADMINMAIL       = setting.admin_email
      ADMINPASS       = secret.admin_password
      APP_SECRET      = secret.app_secret
      DATABASE_URL    = "mysql://kimai:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/kimai?charset=utf8mb4&serverVersion=11.8.2-MariaDB"
      MAILER_FROM     = setting.smtp_from != "" ? setting.smtp_from : setting.admin_email
      MAILER_URL      = setting.smtp_host != "" ? "${setting.smtp_security == "tls" ? "smtps" : "smtp"}://${setting.smtp_username != "" ? "${urlencode(setting.smtp_username)}:${urlencode(setting.smtp_password)}@" : ""}${setting.smtp_host}:${setting.smtp_port}" : "null://null"
      TRUSTED_HOSTS   = "${app.host}|localhost|127.0.0.1"
      TRUSTED_PROXIES = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
    }
    volume "data" {
      path  = "/opt/kimai/var/data"
      owner = "33:33"
      kind  = "data"
    }
    volume "plugins" {
      path  = "/opt/kimai/var/plugins"
      owner = "33:33"
      kind  = "data"
    }
    expose "web" {
      port   = 8001
      access = "app"
      health {
        path    = "/en/login"
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
      MARIADB_DATABASE             = "kimai"
      MARIADB_USER                 = "kimai"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u kimai -p\"$MARIADB_PASSWORD\" kimai"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
