app "hedgedoc" {
  title         = "HedgeDoc"
  tagline       = "Write Markdown together, at the same moment"
  description   = "Open a note, send the link, and everybody types in the same text: minutes, slides, plans with diagrams and formulas. Notes can be public, for members, or yours alone."
  category      = "notes"
  version       = "1.11.1"
  website       = "https://hedgedoc.org"
  source        = "https://github.com/hedgedoc/hedgedoc"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Make your account with Sign in, Register. When everybody has theirs, turn registration off (dcloud app config hedgedoc --set registration=false). Only your home network passes its front door until you open it to others."

  setting "registration" {
    title   = "Let anybody make an account"
    help    = "Needed until everybody has one."
    type    = "bool"
    default = true
  }
  setting "anonymous" {
    title   = "Let anybody write new notes without an account"
    type    = "bool"
    default = false
  }
  secret "db_password" {}
  secret "session_secret" { length = 64 }

  service "web" {
    image = "quay.io/hedgedoc/hedgedoc:1.11.1"
    after = ["db"]
    env = {
      CMD_ALLOW_ANONYMOUS       = setting.anonymous
      CMD_ALLOW_ANONYMOUS_EDITS = "true"
      CMD_ALLOW_EMAIL_REGISTER  = setting.registration
      CMD_DB_URL                = "postgres://hedgedoc:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/hedgedoc"
      CMD_DOMAIN                = app.host
      CMD_EMAIL                 = "true"
      # The port is the front door's, never the container's.
      CMD_PROTOCOL_USESSL = replace(app.url, "https://", "") != app.url
      CMD_SESSION_SECRET  = secret.session_secret
      CMD_URL_ADDPORT     = "false"
      TZ                  = pool.timezone
    }
    volume "uploads" {
      path  = "/hedgedoc/public/uploads"
      owner = "10000:10000"
      kind  = "data"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health { path = "/status" }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 512
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "hedgedoc"
      POSTGRES_DB       = "hedgedoc"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "hedgedoc"] }
    backup { command = ["pg_dump", "-U", "hedgedoc", "hedgedoc"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 160
    }
  }
}
