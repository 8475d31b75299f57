app "twofauth" {
  title         = "2FAuth"
  tagline       = "Your one-time codes, in the browser and not only on one phone"
  description   = "Keeps the second factors of your accounts and shows the six digits when you need them, on every device. Scan a code once, and a lost phone locks you out of nothing."
  category      = "security"
  version       = "8.0.1"
  website       = "https://docs.2fauth.app"
  source        = "https://github.com/Bubka/2FAuth"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 256
  notes         = "The first account is the administrator's. Then switch registration off under Admin. Only your home network passes its front door until you open it to others."

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
  secret "app_key" {}

  service "web" {
    image = "docker.io/2fauth/2fauth:8.0.1"
    env = {
      APP_NAME             = "2FAuth"
      APP_ENV              = "local"
      APP_KEY              = secret.app_key
      APP_URL              = app.url
      APP_TIMEZONE         = pool.timezone
      SITE_OWNER           = setting.smtp_from != "" ? setting.smtp_from : "owner@${app.host}"
      IS_DEMO_APP          = "false"
      LOG_CHANNEL          = "daily"
      LOG_LEVEL            = "notice"
      DB_CONNECTION        = "sqlite"
      DB_DATABASE          = "/srv/database/database.sqlite"
      CACHE_DRIVER         = "file"
      SESSION_DRIVER       = "file"
      TRUSTED_PROXIES      = "*"
      AUTHENTICATION_GUARD = "web-guard"
      WEBAUTHN_NAME        = "2FAuth"
      WEBAUTHN_ID          = app.host
      MAIL_MAILER          = setting.smtp_host != "" ? "smtp" : "log"
      MAIL_HOST            = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT            = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USERNAME        = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD        = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_ENCRYPTION      = setting.smtp_host != "" ? setting.smtp_security == "none" ? null : "tls" : null
      MAIL_FROM_NAME       = setting.smtp_host != "" ? "2FAuth" : null
      MAIL_FROM_ADDRESS    = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "data" {
      path  = "/2fauth"
      owner = "1000:1000"
      kind  = "database"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 8000
      access = "private"
      health { path = "/up" }
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 256
    }
  }
}
