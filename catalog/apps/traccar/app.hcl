app "traccar" {
  title         = "Traccar"
  tagline       = "See on a map where your things and people are"
  description   = "Takes positions from phones and from hundreds of kinds of GPS trackers and shows them on a map, with routes, fences, alarms and reports."
  category      = "home"
  version       = "6.14.5"
  website       = "https://www.traccar.org"
  source        = "https://github.com/traccar/traccar"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "The first account that is made is the administrator's; switch off under Settings, Server that others make theirs. Only your home network passes its front door until you open it to others. On a phone, install Traccar Client and give it the address whose host is track- followed by this app's, and the identifier of a device that you added here."

  setting "smtp_host" {
    title    = "Mail server"
    help     = "Which server sends the app's mail. Left empty, it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.:_-]{0,253}"
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
    title    = "Sender of the app's mail"
    type     = "email"
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption to the mail server"
    help     = "Port 587 mostly wants starttls, port 465 tls."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }

  service "web" {
    image = "docker.io/traccar/traccar:6.14.5-alpine"
    env = {
      CONFIG_USE_ENVIRONMENT_VARIABLES = "true"
      DATABASE_DRIVER                  = "org.h2.Driver"
      DATABASE_PASSWORD                = ""
      DATABASE_URL                     = "jdbc:h2:./data/database"
      DATABASE_USER                    = "sa"
      MAIL_SMTP_AUTH                   = setting.smtp_host != "" && setting.smtp_username != "" ? "true" : null
      MAIL_SMTP_HOST                   = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_SMTP_PORT                   = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_SMTP_USERNAME               = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_SMTP_PASSWORD               = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_SMTP_FROM                   = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_SMTP_SSL_ENABLE             = setting.smtp_host != "" && setting.smtp_security == "tls" ? "true" : null
      MAIL_SMTP_STARTTLS_ENABLE        = setting.smtp_host != "" && setting.smtp_security == "starttls" ? "true" : null
      TZ                               = pool.timezone
      WEB_PORT                         = "8082"
      WEB_URL                          = app.url
    }
    volume "data" {
      path  = "/opt/traccar/data"
      owner = "0:0"
      kind  = "database"
    }
    volume "logs" {
      path  = "/opt/traccar/logs"
      owner = "0:0"
      kind  = "cache"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 8082
      access = "private"
      health {
        path    = "/api/server"
        timeout = 10
      }
    }
    # Positions that phones send (the OsmAnd protocol); a device that nobody added is refused.
    expose "track" {
      port      = 5055
      access    = "app"
      subdomain = "track"
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }
}
