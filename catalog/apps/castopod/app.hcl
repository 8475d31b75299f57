app "castopod" {
  title         = "Castopod"
  tagline       = "Your podcast, hosted by yourself and open to answers"
  description   = "Upload episodes with chapters and transcripts, and they go to every podcast app. Listeners follow, like and answer from Mastodon and the other networks, and you see how many there are."
  category      = "social"
  version       = "1.15.5"
  website       = "https://castopod.org"
  source        = "https://code.castopod.org/adaures/castopod"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 10240
  notes         = "Open /cp-install right away: the first visitor makes the administrator's account. After that you work at /cp-admin. The host name cannot be changed later without losing followers."

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
  secret "analytics_salt" { length = 64 }
  secret "db_password" {}

  service "web" {
    image = "docker.io/castopod/castopod:1.15.5"
    after = ["db"]
    env = {
      CP_BASEURL             = app.url
      CP_ANALYTICS_SALT      = secret.analytics_salt
      CP_DISABLE_HTTPS       = replace(app.url, "https://", "") == app.url ? "1" : "0"
      CP_DATABASE_HOSTNAME   = service.db.host
      CP_DATABASE_NAME       = "castopod"
      CP_DATABASE_USERNAME   = "castopod"
      CP_DATABASE_PASSWORD   = secret.db_password
      CP_CACHE_HANDLER       = "file"
      TZ                     = pool.timezone
      CP_EMAIL_SMTP_HOST     = setting.smtp_host != "" ? setting.smtp_host : null
      CP_EMAIL_SMTP_PORT     = setting.smtp_host != "" ? setting.smtp_port : null
      CP_EMAIL_SMTP_USERNAME = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      CP_EMAIL_SMTP_PASSWORD = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      CP_EMAIL_SMTP_CRYPTO   = setting.smtp_host != "" ? setting.smtp_security == "tls" ? "ssl" : "tls" : null
      CP_EMAIL_FROM          = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "media" {
      path  = "/app/public/media"
      owner = "33:33"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 8080
      access = "app"
      # Asked without https it only points there, so accepting a connection is the check.
      health {}
    }
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "castopod"
      MARIADB_USER                 = "castopod"
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
}
