app "kutt" {
  title         = "Kutt"
  tagline       = "Short links with figures"
  description   = "Shorten addresses under your own name, give them an end or a password, and see how often and from where they are followed."
  category      = "tools"
  version       = "3.2.3"
  website       = "https://kutt.it"
  source        = "https://github.com/thedevs-network/kutt"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 256
  notes         = "Open it right away: the first visitor makes the administrator's account. Links are open to everybody; making them is not."

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
    choices  = ["starttls", "tls"]
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
  secret "jwt_secret" { length = 64 }

  service "web" {
    image = "docker.io/kutt/kutt:v3.2.3"
    env = {
      CUSTOM_DOMAIN_USE_HTTPS  = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      DB_CLIENT                = "better-sqlite3"
      DB_FILENAME              = "/var/lib/kutt/data.sqlite"
      DEFAULT_DOMAIN           = trimprefix(trimprefix(app.url, "https://"), "http://")
      DISALLOW_ANONYMOUS_LINKS = "true"
      DISALLOW_REGISTRATION    = "true"
      JWT_SECRET               = secret.jwt_secret
      MAIL_ENABLED             = setting.smtp_host != ""
      MAIL_HOST                = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT                = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_SECURE              = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      MAIL_USER                = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD            = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM                = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      PORT                     = "3000"
      SITE_NAME                = "Kutt"
      TRUST_PROXY              = "true"
    }
    volume "data" {
      path = "/var/lib/kutt"
      kind = "database"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/api/v2/health" }
    }
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
