app "ryot" {
  title         = "Ryot"
  tagline       = "Keep track of your life: media, sport, measures"
  description   = "Films, books, games, podcasts, workouts and body measures in one place, with dates, marks, goals and charts, and importers for nearly every service that kept them before."
  category      = "media"
  version       = "10.3.0"
  website       = "https://ryot.io"
  source        = "https://github.com/IgnisDa/ryot"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "The first account that is made is the administrator's. When everybody has one, turn registration off (dcloud app config ryot --set registration=false). Only your home network passes its front door until you open it to others."

  setting "registration" {
    title   = "Let anybody make an account"
    help    = "Needed until everybody has one."
    type    = "bool"
    default = true
  }
  secret "admin_token" { length = 48 }
  secret "db_password" {}

  service "web" {
    image = "docker.io/ignisda/ryot:v10.3.0"
    after = ["db"]
    env = {
      DATABASE_URL              = "postgres://ryot:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/ryot"
      FRONTEND_URL              = app.url
      SERVER_ADMIN_ACCESS_TOKEN = secret.admin_token
      TZ                        = pool.timezone
      USERS_ALLOW_REGISTRATION  = setting.registration
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 8000
      access = "private"
      health {}
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "ryot"
      POSTGRES_DB       = "ryot"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "ryot"] }
    backup { command = ["pg_dump", "-U", "ryot", "ryot"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
