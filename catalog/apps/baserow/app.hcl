app "baserow" {
  title         = "Baserow"
  tagline       = "A database that looks like a spreadsheet"
  description   = "Keep customers, stock, plans or a club's members in tables that link to each other, work on them together at the same time, and build forms and small apps on top."
  category      = "office"
  version       = "2.3.3"
  website       = "https://baserow.io"
  source        = "https://github.com/baserow/baserow"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 4096
  min_disk      = 2048
  notes         = "The first start takes some minutes. The first visitor makes the account that administers it. Close registration under Admin, Settings. Only your home network passes its front door until you open it to others."

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
    image = "docker.io/baserow/baserow:2.3.3"
    env = {
      BASEROW_PUBLIC_URL = app.url
      # Certificates are the front door's matter.
      BASEROW_CADDY_ADDRESSES                = ":80"
      BASEROW_ENABLE_SECURE_PROXY_SSL_HEADER = trimprefix(app.url, "https://") != app.url ? "yes" : null
      EMAIL_SMTP                             = setting.smtp_host != "" ? "yes" : null
      EMAIL_SMTP_HOST                        = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_SMTP_PORT                        = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_SMTP_USER                        = setting.smtp_host != "" ? setting.smtp_username : null
      EMAIL_SMTP_PASSWORD                    = setting.smtp_host != "" ? setting.smtp_password : null
      EMAIL_SMTP_USE_TLS                     = setting.smtp_host != "" && setting.smtp_security == "starttls" ? "yes" : null
      EMAIL_SMTP_USE_SSL                     = setting.smtp_host != "" && setting.smtp_security == "tls" ? "yes" : null
      FROM_EMAIL                             = setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "data" {
      path = "/baserow/data"
      mode = "0755"
      kind = "database"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 80
      access = "private"
      health {
        path    = "/api/_health/"
        timeout = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 2048
      memory_max = 4096
    }
  }
}
