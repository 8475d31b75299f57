app "friendica" {
  title         = "Friendica"
  tagline       = "A social network of your own that talks to the others"
  description   = "Share what moves you with the people you choose, in groups, events and photo albums. It speaks with Mastodon, diaspora* and many more, so your friends need not move house with you."
  category      = "social"
  version       = "2024.12"
  website       = "https://friendi.ca"
  source        = "https://github.com/friendica/friendica"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 4096
  notes         = "The first start takes some minutes. Sign in with the nickname that you chose and the password that was made for you; you are the administrator. New accounts are closed until you open them under Admin, Site."

  setting "admin_nickname" {
    title   = "Your nickname"
    help    = "What stands before the @ of your address in the network. Used once, for the first account."
    type    = "string"
    default = "me"
    pattern = "[a-z][a-z0-9_]{1,29}"
  }
  setting "admin_email" {
    title    = "Your e-mail address"
    help     = "Whoever has this address is the administrator."
    type     = "email"
    required = true
  }
  setting "site_name" {
    title   = "The network's name"
    type    = "string"
    default = "Friendica"
    pattern = "[^\"'$`\\\\]{1,60}"
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
  setting "smtp_domain" {
    title    = "Sender's domain"
    help     = "Its mail comes from no-reply at this domain. Empty: the app's own host name."
    type     = "string"
    pattern  = "[A-Za-z0-9.-]*"
    advanced = true
  }
  secret "admin_password" {
    title  = "Your first password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/library/friendica:2024.12"
    after = ["db"]
    env = {
      FRIENDICA_URL        = app.url
      FRIENDICA_ADMIN_MAIL = setting.admin_email
      FRIENDICA_SITENAME   = setting.site_name
      FRIENDICA_TZ         = pool.timezone
      FRIENDICA_LANG       = "en"
      # It wants to ask the domain's mail server whether the address is real,
      # which cannot work behind every connection.
      FRIENDICA_NO_VALIDATION = "true"
      MYSQL_HOST              = service.db.host
      MYSQL_PORT              = service.db.port
      MYSQL_DATABASE          = "friendica"
      MYSQL_USER              = "friendica"
      MYSQL_PASSWORD          = secret.db_password
      SMTP                    = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT               = setting.smtp_host != "" ? setting.smtp_port : null
      # The image puts its sender together from a name and a domain.
      SMTP_DOMAIN    = setting.smtp_host != "" ? setting.smtp_domain != "" ? setting.smtp_domain : app.host : null
      SMTP_TLS       = setting.smtp_host != "" ? setting.smtp_security == "none" ? null : "on" : null
      SMTP_STARTTLS  = setting.smtp_host != "" ? setting.smtp_security == "starttls" ? "on" : "off" : null
      SMTP_AUTH_USER = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_AUTH_PASS = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
    }
    volume "html" {
      path  = "/var/www/html"
      owner = "33:33"
      mode  = "0755"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path     = "/login"
        interval = 30
        timeout  = 10
      }
    }
    resources {
      cpu        = 300
      memory     = 256
      memory_max = 1024
    }
  }

  # Fetches and delivers posts, and makes the first account once the tables
  # are there.
  service "cron" {
    image      = "docker.io/library/friendica:2024.12"
    after      = ["web"]
    entrypoint = ["/bin/sh", "/opt/cron-first.sh"]
    env = {
      ADMIN_NICKNAME       = setting.admin_nickname
      ADMIN_PASSWORD       = secret.admin_password
      FRIENDICA_URL        = app.url
      FRIENDICA_ADMIN_MAIL = setting.admin_email
      FRIENDICA_SITENAME   = setting.site_name
      FRIENDICA_TZ         = pool.timezone
      FRIENDICA_LANG       = "en"
      # It wants to ask the domain's mail server whether the address is real,
      # which cannot work behind every connection.
      FRIENDICA_NO_VALIDATION = "true"
      MYSQL_HOST              = service.db.host
      MYSQL_PORT              = service.db.port
      MYSQL_DATABASE          = "friendica"
      MYSQL_USER              = "friendica"
      MYSQL_PASSWORD          = secret.db_password
      SMTP                    = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT               = setting.smtp_host != "" ? setting.smtp_port : null
      # The image puts its sender together from a name and a domain.
      SMTP_DOMAIN    = setting.smtp_host != "" ? setting.smtp_domain != "" ? setting.smtp_domain : app.host : null
      SMTP_TLS       = setting.smtp_host != "" ? setting.smtp_security == "none" ? null : "on" : null
      SMTP_STARTTLS  = setting.smtp_host != "" ? setting.smtp_security == "starttls" ? "on" : "off" : null
      SMTP_AUTH_USER = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_AUTH_PASS = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
    }
    file "/opt/cron-first.sh" {
      content = <<-EOT
        cd /var/www/html
        console() { gosu www-data php bin/console.php "$@"; }
        if [ ! -e storage/.first-account-made ]; then
          until console user list all > /dev/null 2>&1; do sleep 2; done
          console user add "$ADMIN_NICKNAME" "$ADMIN_NICKNAME" "$FRIENDICA_ADMIN_MAIL" "$FRIENDICA_LANG" > /dev/null
          if console user password "$ADMIN_NICKNAME" "$ADMIN_PASSWORD" > /dev/null; then
            gosu www-data sh -c 'mkdir -p storage && touch storage/.first-account-made'
          fi
        fi
        unset ADMIN_PASSWORD
        exec /cron.sh
      EOT
    }
    volume "html" {
      path = "/var/www/html"
      from = "web"
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
      MARIADB_DATABASE             = "friendica"
      MARIADB_USER                 = "friendica"
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
