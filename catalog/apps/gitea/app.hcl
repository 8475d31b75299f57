app "gitea" {
  title         = "Gitea"
  tagline       = "A home for your code"
  description   = "Git repositories with issues, pull requests, a wiki and packages, in a program so small that a Raspberry Pi serves a whole team."
  category      = "development"
  version       = "1.27.2"
  website       = "https://about.gitea.com"
  source        = "https://github.com/go-gitea/gitea"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "gitadmin"
  min_memory    = 512
  min_disk      = 1024
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you; Gitea asks you for a new one at once. Clone over the web, or over SSH on port 2222."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, when the first account is made. Gitea keeps the name \"admin\" for itself."
    type    = "string"
    default = "gitadmin"
    pattern = "[A-Za-z0-9][A-Za-z0-9_-]{1,38}"
  }
  setting "admin_email" {
    title   = "Administrator's e-mail address"
    type    = "email"
    default = "gitadmin@localhost.localdomain"
  }
  setting "registration" {
    title   = "Let anybody make an account"
    type    = "bool"
    default = false
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
  secret "admin_password" {
    title  = "Administrator's first password"
    reveal = true
  }
  secret "secret_key" { length = 64 }

  service "web" {
    image = "docker.io/gitea/gitea:1.27.2-rootless"
    # The first account is made before Gitea listens, so that no stranger can
    # be faster. Its password shows in the container's process list for that
    # moment, which is why it must be changed at the first sign-in.
    command = ["/bin/sh", "-ec", <<-EOT
      gitea --config "$GITEA_APP_INI" migrate
      if [ "$(gitea --config "$GITEA_APP_INI" admin user list --admin | wc -l)" -le 1 ]; then
        gitea --config "$GITEA_APP_INI" admin user create --admin --must-change-password \
          --username "$ADMIN_USERNAME" --password "$ADMIN_PASSWORD" --email "$ADMIN_EMAIL"
      fi
      unset ADMIN_PASSWORD
      exec gitea --config "$GITEA_APP_INI" web
    EOT
    ]
    env = {
      ADMIN_USERNAME                       = setting.admin_username
      ADMIN_EMAIL                          = setting.admin_email
      ADMIN_PASSWORD                       = secret.admin_password
      GITEA__database__DB_TYPE             = "sqlite3"
      GITEA__database__PATH                = "/var/lib/gitea/data/gitea.db"
      GITEA__log__LEVEL                    = "Warn"
      GITEA__security__INSTALL_LOCK        = "true"
      GITEA__security__SECRET_KEY          = secret.secret_key
      GITEA__server__DOMAIN                = app.host
      GITEA__server__HTTP_PORT             = "3000"
      GITEA__server__ROOT_URL              = "${app.url}/"
      GITEA__server__SSH_DOMAIN            = app.host
      GITEA__server__SSH_LISTEN_PORT       = "2222"
      GITEA__server__SSH_PORT              = "2222"
      GITEA__server__START_SSH_SERVER      = "true"
      GITEA__service__DISABLE_REGISTRATION = setting.registration ? "false" : "true"
      # Written into its file at each start, where it stays unless something else is written.
      GITEA__mailer__ENABLED   = setting.smtp_host != "" ? "true" : "false"
      GITEA__mailer__PROTOCOL  = setting.smtp_host != "" ? (setting.smtp_security == "tls" ? "smtps" : setting.smtp_security == "starttls" ? "smtp+starttls" : "smtp") : null
      GITEA__mailer__SMTP_ADDR = setting.smtp_host != "" ? setting.smtp_host : null
      GITEA__mailer__SMTP_PORT = setting.smtp_host != "" ? setting.smtp_port : null
      GITEA__mailer__USER      = setting.smtp_host != "" ? setting.smtp_username : null
      GITEA__mailer__PASSWD    = setting.smtp_host != "" ? (setting.smtp_username != "" ? setting.smtp_password : "") : null
      GITEA__mailer__FROM      = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      # Who the front door says is asking; without it every visitor is the door.
      GITEA__security__REVERSE_PROXY_LIMIT           = "1"
      GITEA__security__REVERSE_PROXY_TRUSTED_PROXIES = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      TZ                                             = pool.timezone
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
      protocol = "tcp"
      title    = "Git over SSH"
    }
    stop_timeout = 60
    resources {
      cpu    = 200
      memory = 256
    }
  }
}
