app "pocket-id" {
  title         = "Pocket ID"
  tagline       = "Sign in to your apps with a passkey, and with nothing else"
  description   = "A small identity provider: people sign in with their phone's fingerprint or a security key, and your apps learn by OpenID Connect who they are. There are no passwords to forget."
  category      = "security"
  version       = "2.7.0"
  website       = "https://pocket-id.org"
  source        = "https://github.com/pocket-id/pocket-id"
  license       = "BSD-2-Clause"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 256
  notes         = "It works only where your cloud is reached by https, since browsers give passkeys to no other. Open /setup right away: the first visitor becomes the administrator."

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
  secret "encryption_key" {
    bytes   = 32
    charset = "base64"
  }

  service "web" {
    image = "ghcr.io/pocket-id/pocket-id:v2.7.0"
    env = {
      APP_URL            = app.url
      TRUST_PROXY        = "true"
      ENCRYPTION_KEY     = secret.encryption_key
      ANALYTICS_DISABLED = "true"
      PUID               = "1000"
      PGID               = "1000"
      # Only then does it look at these, and not at what is set in the app.
      UI_CONFIG_DISABLED = setting.smtp_host != "" ? "true" : null
      SMTP_HOST          = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT          = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USER          = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD      = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_FROM          = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_TLS           = setting.smtp_host != "" ? setting.smtp_security : null
    }
    volume "data" {
      path  = "/app/data"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 1411
      access = "app"
      health { path = "/healthz" }
    }
    resources {
      cpu    = 50
      memory = 96
    }
  }
}
