app "zipline" {
  title         = "Zipline"
  tagline       = "Screenshots and files to a short link, at once"
  description   = "Takes what ShareX, Flameshot or your phone sends and gives back a link, with folders, ends, passwords and counters. It shortens addresses too."
  category      = "files"
  version       = "4.7.0"
  website       = "https://zipline.diced.sh"
  source        = "https://github.com/diced/zipline"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 2048
  notes         = "Open it right away: the first visitor makes the administrator's account. Your user menu makes the settings file for ShareX and others."

  secret "core_secret" { length = 48 }
  secret "db_password" {}

  service "web" {
    image = "ghcr.io/diced/zipline:4.7.0"
    after = ["db"]
    env = {
      CORE_HOSTNAME              = "0.0.0.0"
      CORE_PORT                  = "3000"
      CORE_SECRET                = secret.core_secret
      CORE_TRUST_PROXY           = "true"
      DATABASE_URL               = "postgres://zipline:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/zipline"
      DATASOURCE_LOCAL_DIRECTORY = "./uploads"
      DATASOURCE_TYPE            = "local"
      TZ                         = pool.timezone
    }
    volume "uploads" {
      path  = "/zipline/uploads"
      owner = "0:0"
      kind  = "data"
    }
    volume "public" {
      path  = "/zipline/public"
      owner = "0:0"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health {
        path    = "/api/healthcheck"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 320
      memory_max = 1024
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "zipline"
      POSTGRES_DB       = "zipline"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "zipline"] }
    backup { command = ["pg_dump", "-U", "zipline", "zipline"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 160
    }
  }
}
