app "umami" {
  title         = "Umami"
  tagline       = "Who reads your website, without following anybody"
  description   = "Counts visits, pages, countries and campaigns of your sites without cookies, so that you need ask nobody for consent, and shows them on one page."
  category      = "web"
  version       = "3.3.1"
  website       = "https://umami.is"
  source        = "https://github.com/umami-software/umami"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 1024
  notes         = "Sign in as admin with the password umami and change it at once under Settings. Then add a website, and put the line that it shows you into that website's pages. Visits are taken from everywhere; the pages with the numbers open only in your home network until you open them to others."

  secret "app_secret" { length = 64 }
  secret "db_password" {}

  service "web" {
    image = "ghcr.io/umami-software/umami:3.3.1"
    after = ["db"]
    env = {
      DATABASE_URL      = "postgresql://umami:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/umami"
      APP_SECRET        = secret.app_secret
      HOSTNAME          = "0.0.0.0"
      PORT              = "3000"
      DISABLE_TELEMETRY = "1"
      DISABLE_UPDATES   = "1"
    }
    # Its first password is known to everybody; hence private, but for what the pages that it counts ask for.
    expose "web" {
      port   = 3000
      access = "private"
      public = ["/script.js", "/api/send"]
      health {
        path    = "/api/heartbeat"
        timeout = 10
      }
    }
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "umami"
      POSTGRES_DB       = "umami"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "umami"] }
    backup { command = ["pg_dump", "-U", "umami", "umami"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
