app "ihatemoney" {
  title         = "I Hate Money"
  tagline       = "Who paid what for whom"
  description   = "For trips, shared flats and parties: write down who paid, and it says who owes whom with the fewest payments."
  category      = "finance"
  version       = "7.2.1"
  website       = "https://ihatemoney.org"
  source        = "https://github.com/spiral-project/ihatemoney"
  license       = "BSD-3-Clause"
  architectures = ["amd64", "arm64"]
  min_memory    = 192
  min_disk      = 256
  notes         = "Make a project with a code of its own and give both to those who share it. Whoever passes its front door may make projects. Only your home network passes its front door until you open it to others."

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
  secret "secret_key" { length = 64 }

  service "web" {
    image = "docker.io/ihatemoney/ihatemoney:7.2.1"
    env = {
      ACTIVATE_ADMIN_DASHBOARD       = "False"
      ACTIVATE_DEMO_PROJECT          = "False"
      ALLOW_PUBLIC_PROJECT_CREATION  = "True"
      DEBUG                          = "False"
      ENABLE_CAPTCHA                 = "True"
      MAIL_SERVER                    = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT                      = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USE_TLS                   = setting.smtp_host != "" && setting.smtp_security == "starttls" ? "True" : "False"
      MAIL_USE_SSL                   = setting.smtp_host != "" && setting.smtp_security == "tls" ? "True" : "False"
      MAIL_USERNAME                  = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD                  = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_DEFAULT_SENDER            = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      PORT                           = "8000"
      SECRET_KEY                     = secret.secret_key
      SESSION_COOKIE_SECURE          = trimprefix(app.url, "https://") != app.url ? "True" : "False"
      SQLALCHEMY_DATABASE_URI        = "sqlite:////database/ihatemoney.db"
      SQLALCHEMY_TRACK_MODIFICATIONS = "False"
    }
    volume "database" {
      path = "/database"
      kind = "database"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 8000
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 256
    }
  }
}
