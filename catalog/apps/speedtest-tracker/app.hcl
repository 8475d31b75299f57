app "speedtest-tracker" {
  title         = "Speedtest Tracker"
  tagline       = "Does your internet keep what you pay for?"
  description   = "Measures your connection by itself, day and night, and draws what it found, so that you have something in your hand when you talk to your provider."
  category      = "network"
  version       = "1.15.0"
  website       = "https://docs.speedtest-tracker.dev"
  source        = "https://github.com/alexjustesen/speedtest-tracker"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Sign in with the administrator's e-mail address and the password that was made for you. Its measurements fill your line for some seconds each."

  setting "admin_email" {
    title = "Your e-mail address"
    help  = "You sign in with it. Empty: admin at the app's host name. Used once."
    type  = "email"
  }
  setting "schedule" {
    title   = "When it measures"
    help    = "Five fields as in cron: minute, hour, day, month, day of the week."
    type    = "string"
    default = "17 */2 * * *"
    pattern = "[0-9*/, -]+"
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
    title  = "Administrator's password"
    reveal = true
  }
  secret "app_key" {
    bytes   = 32
    charset = "base64"
  }

  service "web" {
    image = "lscr.io/linuxserver/speedtest-tracker:1.15.0"
    env = {
      PUID                     = "1000"
      PGID                     = "1000"
      APP_KEY                  = "base64:${secret.app_key}"
      APP_URL                  = app.url
      ASSET_URL                = app.url
      APP_TIMEZONE             = pool.timezone
      DISPLAY_TIMEZONE         = pool.timezone
      ADMIN_NAME               = "Admin"
      ADMIN_EMAIL              = setting.admin_email != "" ? setting.admin_email : "admin@${app.host}"
      ADMIN_PASSWORD           = secret.admin_password
      DB_CONNECTION            = "sqlite"
      SPEEDTEST_SCHEDULE       = setting.schedule
      PRUNE_RESULTS_OLDER_THAN = "0"
      TZ                       = pool.timezone
      MAIL_MAILER              = setting.smtp_host != "" ? "smtp" : null
      MAIL_HOST                = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT                = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_USERNAME            = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD            = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_SCHEME              = setting.smtp_host != "" ? setting.smtp_security == "tls" ? "smtps" : "smtp" : null
      MAIL_FROM_ADDRESS        = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path    = "/api/healthcheck"
        timeout = 10
      }
    }
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }
}
