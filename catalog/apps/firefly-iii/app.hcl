app "firefly-iii" {
  title         = "Firefly III"
  tagline       = "Keep the books of your household"
  description   = "Accounts, budgets, bills and savings, with rules that sort by themselves and reports that show how the year went."
  category      = "finance"
  version       = "6.6.6"
  website       = "https://www.firefly-iii.org"
  source        = "https://github.com/firefly-iii/firefly-iii"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 512
  notes         = "Open it right away: the first visitor makes the owner's account, and nobody can make another after it."

  setting "owner_email" {
    title    = "Your e-mail address, for its messages"
    type     = "email"
    required = true
  }
  setting "language" {
    title   = "Language"
    type    = "string"
    default = "en_US"
    pattern = "[a-z]{2}_[A-Z]{2}"
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
  secret "app_key" { length = 32 }
  secret "cron_token" { length = 32 }
  secret "db_password" {}

  service "web" {
    image = "docker.io/fireflyiii/core:version-6.6.6"
    after = ["db"]
    env = {
      APP_ENV           = "production"
      APP_KEY           = secret.app_key
      APP_URL           = app.url
      DB_CONNECTION     = "mysql"
      DB_HOST           = service.db.host
      DB_PORT           = service.db.port
      DB_DATABASE       = "firefly"
      DB_USERNAME       = "firefly"
      DB_PASSWORD       = secret.db_password
      DEFAULT_LANGUAGE  = setting.language
      SITE_OWNER        = setting.owner_email
      STATIC_CRON_TOKEN = secret.cron_token
      TRUSTED_PROXIES   = "**"
      TZ                = pool.timezone
      MAIL_MAILER       = setting.smtp_host != "" ? "smtp" : "log"
      MAIL_HOST         = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT         = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_ENCRYPTION   = setting.smtp_host != "" && setting.smtp_security != "none" ? (setting.smtp_security == "tls" ? "ssl" : "tls") : null
      MAIL_USERNAME     = setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD     = setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM         = setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "upload" {
      path  = "/var/www/html/storage/upload"
      owner = "33:33"
      kind  = "data"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/health" }
    }
    resources {
      cpu        = 200
      memory     = 160
      memory_max = 768
    }
  }

  # Bills and repeating entries are made by a call each night.
  service "cron" {
    image   = "docker.io/library/alpine:3.22"
    command = ["crond", "-f", "-l", "8"]
    after   = ["web"]
    file "/etc/crontabs/root" {
      content = "0 3 * * * wget -qO- http://${service.web.host}:${service.web.port}/api/v1/cron/${secret.cron_token} > /dev/null\n"
      mode    = "0600"
    }
    env = {
      TZ = pool.timezone
    }
    resources {
      cpu        = 10
      memory     = 16
      memory_max = 64
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "firefly"
      MARIADB_USER                 = "firefly"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u firefly -p\"$MARIADB_PASSWORD\" firefly"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
