app "kanboard" {
  title         = "Kanboard"
  tagline       = "Cards on a board, and nothing more"
  description   = "Columns, cards, and a limit for how much may be under way at once. It is quick, plain and does not get in the way of the work."
  category      = "office"
  version       = "1.2.53"
  website       = "https://kanboard.org"
  source        = "https://github.com/kanboard/kanboard"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 128
  min_disk      = 256
  notes         = "Sign in as admin with the password admin, and change it at once under Users. Until you open it to others, only your home network passes its front door."

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

  service "web" {
    image = "docker.io/kanboard/kanboard:v1.2.53"
    env = {
      MAIL_FROM            = setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_TRANSPORT       = setting.smtp_host != "" ? "smtp" : null
      MAIL_SMTP_HOSTNAME   = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_SMTP_PORT       = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_SMTP_USERNAME   = setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_SMTP_PASSWORD   = setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_SMTP_ENCRYPTION = setting.smtp_host != "" && setting.smtp_security != "none" ? (setting.smtp_security == "tls" ? "ssl" : "tls") : null
      PLUGIN_INSTALLER     = "true"
    }
    volume "data" {
      path  = "/var/www/app/data"
      owner = "100:101"
      kind  = "database"
    }
    volume "plugins" {
      path  = "/var/www/app/plugins"
      owner = "100:101"
      kind  = "data"
    }
    # Nobody but you, since its first password is one that everybody knows.
    expose "web" {
      port   = 80
      access = "private"
      health { path = "/healthcheck.php" }
    }
    resources {
      cpu        = 100
      memory     = 64
      memory_max = 384
    }
  }
}
