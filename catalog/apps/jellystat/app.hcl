app "jellystat" {
  title         = "Jellystat"
  tagline       = "Who watches what on your Jellyfin"
  description   = "Keeps a record of what is played on your Jellyfin or Emby server and shows it by person, device, library and title, and backs it up by itself."
  category      = "media"
  version       = "1.1.11"
  website       = "https://github.com/CyferShepard/Jellystat"
  source        = "https://github.com/CyferShepard/Jellystat"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 1024
  notes         = "Open it right away: the first visitor chooses the name and password, then give it Jellyfin's address and a key that you make there."

  secret "db_password" {}
  secret "jwt_secret" { length = 48 }

  service "web" {
    image = "docker.io/cyfershepard/jellystat:1.1.11"
    after = ["db"]
    env = {
      JS_LISTEN_IP      = "0.0.0.0"
      JWT_SECRET        = secret.jwt_secret
      POSTGRES_DB       = "jfstat"
      POSTGRES_IP       = service.db.host
      POSTGRES_PASSWORD = secret.db_password
      POSTGRES_PORT     = service.db.port
      POSTGRES_USER     = "jfstat"
      TZ                = pool.timezone
    }
    volume "backups" {
      path  = "/app/backend/backup-data"
      owner = "0:0"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "private"
      health {
        path    = "/auth/isConfigured"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "jfstat"
      POSTGRES_DB       = "jfstat"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "jfstat"] }
    backup { command = ["pg_dump", "-U", "jfstat", "jfstat"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 160
    }
  }
}
