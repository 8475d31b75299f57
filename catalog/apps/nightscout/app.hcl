app "nightscout" {
  title         = "Nightscout"
  tagline       = "Glucose values, seen by those who care"
  description   = "Shows the values of a continuous glucose sensor on every screen, with alarms, reports and treatment, for people with diabetes and their families. It is no medical device."
  category      = "health"
  version       = "15.0.8"
  website       = "https://nightscout.github.io"
  source        = "https://github.com/nightscout/cgm-remote-monitor"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 1024
  notes         = "Open it, sign in with the API secret that was made for you (the lock in the corner), and set up your profile. Give uploaders such as xDrip+, Loop or AAPS this app's address and a token that you make under Admin Tools; they need an https address. Never rely on it alone for a decision about treatment."

  setting "units" {
    title   = "Units"
    type    = "choice"
    choices = ["mg/dl", "mmol"]
    default = "mg/dl"
  }
  setting "readable" {
    title   = "Let everybody with the address see the values"
    type    = "bool"
    default = false
  }
  setting "title" {
    title    = "Title of the page"
    type     = "string"
    default  = "Nightscout"
    advanced = true
  }
  setting "features" {
    title    = "What is turned on"
    help     = "Nightscout's names of plugins, with spaces between."
    type     = "string"
    default  = "careportal basal iob cob bwp cage sage iage treatmentnotify rawbg"
    pattern  = "[a-z0-9 _-]*"
    advanced = true
  }
  secret "api_secret" {
    title  = "API secret"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/nightscout/cgm-remote-monitor:15.0.8"
    after = ["db"]
    env = {
      API_SECRET         = secret.api_secret
      AUTH_DEFAULT_ROLES = setting.readable ? "readable" : "denied"
      BASE_URL           = app.url
      CUSTOM_TITLE       = setting.title
      DISPLAY_UNITS      = setting.units
      ENABLE             = setting.features
      # The front door looks after https.
      INSECURE_USE_HTTP = "true"
      MONGO_CONNECTION  = "mongodb://nightscout:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/nightscout?authSource=admin"
      NODE_ENV          = "production"
      PORT              = "1337"
      TZ                = pool.timezone
    }
    expose "web" {
      port   = 1337
      access = "app"
      health {
        path    = "/"
        timeout = 10
      }
    }
    init         = true
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }

  # The last MongoDB that runs on processors without AVX.
  service "db" {
    image   = "docker.io/library/mongo:4.4.29"
    port    = 27017
    command = ["mongod", "--bind_ip", "127.0.0.1", "--wiredTigerCacheSizeGB", "0.25"]
    env = {
      MONGO_INITDB_ROOT_PASSWORD = secret.db_password
      MONGO_INITDB_ROOT_USERNAME = "nightscout"
    }
    volume "data" {
      path  = "/data/db"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["mongo", "--quiet", "--host", "127.0.0.1", "--eval", "quit(db.adminCommand('ping').ok ? 0 : 1)"] }
    backup { command = ["sh", "-c", "exec mongodump --quiet --archive -u \"$MONGO_INITDB_ROOT_USERNAME\" -p \"$MONGO_INITDB_ROOT_PASSWORD\" --authenticationDatabase admin"] }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }
}
