app "forgejo" {
  title         = "Forgejo"
  tagline       = "A code forge run by its community"
  description   = "Keep Git repositories with issues, reviews, a wiki, releases and packages on your own machine. A non-profit looks after it, and it is small enough for a home server."
  category      = "development"
  version       = "16.0.3"
  website       = "https://forgejo.org"
  source        = "https://codeberg.org/forgejo/forgejo"
  license       = "GPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "forgeadmin"
  min_memory    = 512
  min_disk      = 1024
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you; Forgejo asks you for a new one at once. Clone over the web, or over SSH on port 2223."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, when the first account is made. Forgejo keeps the name \"admin\" for itself."
    type    = "string"
    default = "forgeadmin"
    pattern = "[A-Za-z0-9][A-Za-z0-9_-]{1,38}"
  }
  setting "admin_email" {
    title   = "Administrator's e-mail address"
    type    = "email"
    default = "forgeadmin@localhost.localdomain"
  }
  setting "registration" {
    title   = "Let anybody make an account"
    type    = "bool"
    default = false
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
    title  = "Administrator's first password"
    reveal = true
  }
  secret "secret_key" { length = 64 }

  service "web" {
    image = "codeberg.org/forgejo/forgejo:16.0.3-rootless"
    # The first account is made before Forgejo listens, so that no stranger can be
    # faster. Its password shows in the container's process list for that moment,
    # which is why it must be changed at the first sign-in.
    command = ["/bin/sh", "-ec", <<-EOT
      forgejo --config "$GITEA_APP_INI" migrate
      if [ "$(forgejo --config "$GITEA_APP_INI" admin user list --admin | wc -l)" -le 1 ]; then
        forgejo --config "$GITEA_APP_INI" admin user create --admin --must-change-password \
          --username "$ADMIN_USERNAME" --password "$ADMIN_PASSWORD" --email "$ADMIN_EMAIL"
      fi
      unset ADMIN_PASSWORD
      exec forgejo --config "$GITEA_APP_INI" web
    EOT
    ]
    env = {
      ADMIN_USERNAME                                   = setting.admin_username
      ADMIN_EMAIL                                      = setting.admin_email
      ADMIN_PASSWORD                                   = secret.admin_password
      FORGEJO__database__DB_TYPE                       = "sqlite3"
      FORGEJO__database__PATH                          = "/var/lib/gitea/data/forgejo.db"
      FORGEJO__log__LEVEL                              = "Warn"
      FORGEJO__mailer__ENABLED                         = setting.smtp_host != "" ? "true" : "false"
      FORGEJO__mailer__PROTOCOL                        = setting.smtp_host != "" ? (setting.smtp_security == "tls" ? "smtps" : setting.smtp_security == "starttls" ? "smtp+starttls" : "smtp") : null
      FORGEJO__mailer__SMTP_ADDR                       = setting.smtp_host != "" ? setting.smtp_host : null
      FORGEJO__mailer__SMTP_PORT                       = setting.smtp_host != "" ? setting.smtp_port : null
      FORGEJO__mailer__USER                            = setting.smtp_host != "" ? setting.smtp_username : null
      FORGEJO__mailer__PASSWD                          = setting.smtp_host != "" ? (setting.smtp_username != "" ? setting.smtp_password : "") : null
      FORGEJO__mailer__FROM                            = setting.smtp_from != "" ? setting.smtp_from : null
      FORGEJO__security__INSTALL_LOCK                  = "true"
      FORGEJO__security__SECRET_KEY                    = secret.secret_key
      FORGEJO__security__REVERSE_PROXY_LIMIT           = "1"
      FORGEJO__security__REVERSE_PROXY_TRUSTED_PROXIES = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      FORGEJO__server__DOMAIN                          = app.host
      FORGEJO__server__HTTP_PORT                       = "3000"
      FORGEJO__server__ROOT_URL                        = "${app.url}/"
      FORGEJO__server__SSH_DOMAIN                      = app.host
      FORGEJO__server__SSH_LISTEN_PORT                 = "2222"
      FORGEJO__server__SSH_PORT                        = "2223"
      FORGEJO__server__START_SSH_SERVER                = "true"
      FORGEJO__service__DISABLE_REGISTRATION           = setting.registration ? "false" : "true"
      TZ                                               = pool.timezone
    }
    volume "data" {
      path  = "/var/lib/gitea"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "config" {
      path  = "/etc/gitea"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/api/healthz" }
    }
    port "ssh" {
      port     = 2222
      host     = 2223
      protocol = "tcp"
      title    = "Git over SSH"
    }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }
}
