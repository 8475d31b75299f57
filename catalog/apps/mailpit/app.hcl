app "mailpit" {
  title         = "Mailpit"
  tagline       = "Catch test mail instead of sending it"
  description   = "Point the app that you build or try at it: whatever it sends lands here, where you look at it, its source and its attachments, and nobody else gets it."
  category      = "development"
  version       = "1.30.7"
  website       = "https://mailpit.axllent.org"
  source        = "https://github.com/axllent/mailpit"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 256
  notes         = "Let apps send to this machine's address at port 1025, without encryption; any name and password will do."

  setting "max_messages" {
    title   = "Messages to keep"
    type    = "number"
    default = 1000
    min     = 0
    max     = 1000000
  }

  service "web" {
    image = "docker.io/axllent/mailpit:v1.30.7"
    env = {
      MP_DATABASE                 = "/data/mailpit.db"
      MP_MAX_MESSAGES             = setting.max_messages
      MP_SMTP_AUTH_ACCEPT_ANY     = "true"
      MP_SMTP_AUTH_ALLOW_INSECURE = "true"
      TZ                          = pool.timezone
    }
    port "smtp" {
      port  = 1025
      title = "Mail to catch"
    }
    volume "data" {
      path  = "/data"
      owner = "0:0"
      kind  = "database"
    }
    expose "web" {
      port   = 8025
      access = "private"
      health { path = "/readyz" }
    }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
