app "wekan" {
  title         = "WeKan"
  tagline       = "Boards for teams of every size"
  description   = "Boards with lists and swimlanes, cards with checklists, files and dates, rules that move cards by themselves, in more languages than most."
  category      = "office"
  version       = "10.99"
  website       = "https://wekan.fi"
  source        = "https://github.com/wekan/wekan"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "The first account that is made administers it. Then close registration under Admin Panel. Only your home network passes its front door until you open it to others. MongoDB needs a processor with AVX."

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
    image = "ghcr.io/wekan/wekan:v10.99"
    after = ["mongo"]
    env = {
      # A single MongoDB tells nobody of changes; WeKan then has to look.
      DEFAULT_METEOR_REACTIVITY_ORDER = "polling"
      METEOR_REACTIVITY_ORDER         = "polling"
      MONGO_URL                       = "mongodb://${service.mongo.host}:${service.mongo.port}/wekan?directConnection=true"
      ROOT_URL                        = app.url
      WITH_API                        = "true"
      WRITABLE_PATH                   = "/data"
      MAIL_URL                        = setting.smtp_host != "" ? "${setting.smtp_security == "tls" ? "smtps" : "smtp"}://${setting.smtp_username != "" ? "${urlencode(setting.smtp_username)}:${urlencode(setting.smtp_password)}@" : ""}${setting.smtp_host}:${setting.smtp_port}" : null
      MAIL_FROM                       = setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "files" {
      path  = "/data"
      owner = "999:999"
      kind  = "data"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 8080
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "mongo" {
    image = "docker.io/library/mongo:8.0.10"
    port  = 27017
    volume "data" {
      path  = "/data/db"
      owner = "999:999"
      kind  = "database"
    }
    health {
      command  = ["mongosh", "--quiet", "--eval", "db.adminCommand('ping').ok"]
      interval = 60
      timeout  = 20
    }
    backup { command = ["mongodump", "--quiet", "--archive"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 1024
    }
  }
}
