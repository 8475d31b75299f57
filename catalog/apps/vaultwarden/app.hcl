app "vaultwarden" {
  title         = "Vaultwarden"
  tagline       = "A password manager for all your devices"
  description   = "Keeps your passwords, passkeys and notes encrypted on your own server, and speaks with the Bitwarden apps that you may already have. Family and friends can share a vault."
  category      = "security"
  version       = "1.37.1"
  website       = "https://github.com/dani-garcia/vaultwarden"
  source        = "https://github.com/dani-garcia/vaultwarden"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Nobody can sign up by themselves. Open /admin, sign in with the admin token that was made for you, invite your own e-mail address under Users, then go to the front page and create your account with that address. Your browser needs HTTPS for this, so give your cloud a domain first if others are to use it. Nobody, you included, can recover a forgotten master password."

  setting "signups" {
    title   = "Let anybody make an account"
    type    = "bool"
    default = false
  }
  setting "invitations" {
    title    = "Let members invite others"
    type     = "bool"
    default  = true
    advanced = true
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "The server through which it sends mail. It sends none while this or the sender's address is empty."
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
  secret "admin_token" {
    title  = "Admin token"
    reveal = true
    length = 48
  }

  service "web" {
    image = "docker.io/vaultwarden/server:1.37.1"
    user  = "1000:1000"
    env = {
      ADMIN_TOKEN         = secret.admin_token
      DOMAIN              = app.url
      INVITATIONS_ALLOWED = setting.invitations
      # The front door sets it; the sign-in limits count by it.
      IP_HEADER       = "X-Real-IP"
      ROCKET_PORT     = "8080"
      SIGNUPS_ALLOWED = setting.signups
      # It does not start with one of server and sender alone, or of name and password.
      SMTP_HOST     = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_host : null
      SMTP_PORT     = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_port : null
      SMTP_SECURITY = setting.smtp_host != "" && setting.smtp_from != "" ? (setting.smtp_security == "tls" ? "force_tls" : setting.smtp_security == "none" ? "off" : "starttls") : null
      SMTP_FROM     = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_USERNAME = setting.smtp_host != "" && setting.smtp_from != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD = setting.smtp_host != "" && setting.smtp_from != "" && setting.smtp_username != "" ? setting.smtp_password : null
      TZ            = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      mode  = "0700"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/alive" }
    }
    stop_timeout = 15
    resources {
      cpu    = 100
      memory = 96
    }
  }
}
