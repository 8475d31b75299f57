app "passbolt" {
  title         = "Passbolt"
  tagline       = "Passwords that a team or a family shares"
  description   = "Keep passwords together, share each with just those who need it, and take it back when somebody leaves. Everybody's own key encrypts them, in the browser."
  category      = "passwords"
  version       = "5.16.0"
  website       = "https://www.passbolt.com"
  source        = "https://github.com/passbolt/passbolt_api"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "It works only where your cloud is reached by https, and wants its browser extension. When it runs, the app's log shows a link with which you make the administrator's account; open it in the browser that you will use. Give it a mail server, since others are invited by mail."

  setting "admin_email" {
    title    = "Your e-mail address"
    help     = "You are the administrator. Used once."
    type     = "email"
    required = true
  }
  setting "first_name" {
    title   = "Your first name"
    help    = "Used once."
    type    = "string"
    default = "Ada"
    pattern = "[^\"'$`\\\\]{1,60}"
  }
  setting "last_name" {
    title   = "Your last name"
    help    = "Used once."
    type    = "string"
    default = "Admin"
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
  setting "smtp_from" {
    title    = "Sender's address"
    help     = "Who its mail comes from."
    type     = "email"
    advanced = true
  }
  secret "db_password" {}

  service "web" {
    image   = "docker.io/passbolt/passbolt:5.16.0-1-ce-non-root"
    after   = ["db"]
    command = ["/bin/bash", "/opt/start.sh"]
    env = {
      APP_FULL_BASE_URL            = app.url
      DATASOURCES_DEFAULT_HOST     = service.db.host
      DATASOURCES_DEFAULT_PORT     = service.db.port
      DATASOURCES_DEFAULT_USERNAME = "passbolt"
      DATASOURCES_DEFAULT_PASSWORD = secret.db_password
      DATASOURCES_DEFAULT_DATABASE = "passbolt"
      PASSBOLT_REGISTRATION_PUBLIC = "false"
      ADMIN_EMAIL                  = setting.admin_email
      FIRST_NAME                   = setting.first_name
      LAST_NAME                    = setting.last_name
      # Its transport takes TLS for STARTTLS, and TLS from the first byte from the address.
      EMAIL_TRANSPORT_DEFAULT_HOST     = setting.smtp_host != "" ? "${setting.smtp_security == "tls" ? "ssl://" : ""}${setting.smtp_host}" : null
      EMAIL_TRANSPORT_DEFAULT_PORT     = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_TRANSPORT_DEFAULT_USERNAME = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      EMAIL_TRANSPORT_DEFAULT_PASSWORD = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      EMAIL_TRANSPORT_DEFAULT_TLS      = setting.smtp_host != "" ? setting.smtp_security == "starttls" ? "true" : null : null
      EMAIL_DEFAULT_FROM               = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      EMAIL_DEFAULT_FROM_NAME          = setting.smtp_host != "" ? "Passbolt" : null
    }
    # The first account is made only from its command line, while it runs.
    file "/opt/start.sh" {
      content = <<-EOT
        if [ ! -e /etc/passbolt/jwt/.first-account-made ]; then
          (
            until curl -fs -o /dev/null http://127.0.0.1:8080/healthcheck/status; do sleep 3; done
            /usr/share/php/passbolt/bin/cake passbolt register_user -u "$ADMIN_EMAIL" -f "$FIRST_NAME" -l "$LAST_NAME" -r admin \
              && touch /etc/passbolt/jwt/.first-account-made
          ) &
        fi
        exec /docker-entrypoint.sh
      EOT
    }
    volume "gpg" {
      path  = "/etc/passbolt/gpg"
      owner = "33:33"
      mode  = "0700"
    }
    volume "jwt" {
      path  = "/etc/passbolt/jwt"
      owner = "33:33"
      mode  = "0700"
    }
    expose "web" {
      port   = 8080
      access = "app"
      # Asked without https it only points there, so accepting a connection is the check.
      health {}
    }
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "passbolt"
      MARIADB_USER                 = "passbolt"
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
