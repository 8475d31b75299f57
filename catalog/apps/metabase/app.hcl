app "metabase" {
  title         = "Metabase"
  tagline       = "Ask your data, get a chart"
  description   = "Connect your databases, ask by choosing instead of writing SQL, put the answers on dashboards, and have them sent to you each morning."
  category      = "business"
  version       = "0.63.14"
  website       = "https://www.metabase.com"
  source        = "https://github.com/metabase/metabase"
  license       = "AGPL-3.0-only"
  architectures = ["amd64"]
  min_memory    = 2048
  min_disk      = 1024
  notes         = "The first visitor makes the administrator's account. Only your home network passes its front door until you open it to others."

  secret "db_password" {}
  secret "encryption_key" { length = 64 }

  service "web" {
    image = "docker.io/metabase/metabase:v0.63.14"
    after = ["db"]
    env = {
      JAVA_TOOL_OPTIONS        = "-XX:MaxRAMPercentage=70"
      JAVA_TIMEZONE            = pool.timezone
      MB_ANON_TRACKING_ENABLED = "false"
      MB_CHECK_FOR_UPDATES     = "false"
      MB_DB_TYPE               = "postgres"
      MB_DB_HOST               = service.db.host
      MB_DB_PORT               = service.db.port
      MB_DB_DBNAME             = "metabase"
      MB_DB_USER               = "metabase"
      MB_DB_PASS               = secret.db_password
      MB_ENCRYPTION_SECRET_KEY = secret.encryption_key
      MB_SITE_URL              = app.url
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health { path = "/api/health" }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 1024
      memory_max = 2560
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "metabase"
      POSTGRES_DB       = "metabase"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "metabase"] }
    backup { command = ["pg_dump", "-U", "metabase", "metabase"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
