app "activepieces" {
  title         = "Activepieces"
  tagline       = "Automations for people who do not program"
  description   = "Choose what sets it off, choose what shall be done, step below step. Pieces for hundreds of services are there, and models that write or sort for you are steps like others."
  category      = "automation"
  version       = "0.88.3"
  website       = "https://www.activepieces.com"
  source        = "https://github.com/activepieces/activepieces"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 2048
  notes         = "The first visitor makes the administrator's account. Only your home network passes its front door until you open it to others. Webhooks are taken from everywhere."

  secret "api_key" { length = 64 }
  secret "db_password" {}
  secret "encryption_key" {
    bytes   = 16
    charset = "hex"
  }
  secret "jwt_secret" { length = 64 }

  service "web" {
    image = "ghcr.io/activepieces/activepieces:0.88.3"
    after = ["db", "redis"]
    env = {
      AP_API_KEY                       = secret.api_key
      AP_ENCRYPTION_KEY                = secret.encryption_key
      AP_ENGINE_EXECUTABLE_PATH        = "dist/packages/engine/main.js"
      AP_ENVIRONMENT                   = "prod"
      AP_EXECUTION_MODE                = "UNSANDBOXED"
      AP_FLOW_TIMEOUT_SECONDS          = "600"
      AP_FRONTEND_URL                  = app.url
      AP_JWT_SECRET                    = secret.jwt_secret
      AP_POSTGRES_DATABASE             = "activepieces"
      AP_POSTGRES_HOST                 = service.db.host
      AP_POSTGRES_PORT                 = service.db.port
      AP_POSTGRES_USERNAME             = "activepieces"
      AP_POSTGRES_PASSWORD             = secret.db_password
      AP_REDIS_HOST                    = service.redis.host
      AP_REDIS_PORT                    = service.redis.port
      AP_TELEMETRY_ENABLED             = "false"
      AP_TRIGGER_DEFAULT_POLL_INTERVAL = "5"
      AP_WEBHOOK_TIMEOUT_SECONDS       = "30"
    }
    volume "cache" {
      path = "/usr/src/app/cache"
      mode = "0755"
      kind = "cache"
    }
    # Whoever comes first is its owner and may run code; hence private, but for what starts flows from outside.
    expose "web" {
      port   = 80
      access = "private"
      public = ["/api/v1/webhooks"]
      health {
        path    = "/api/v1/flags"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 768
      memory_max = 2048
    }
  }

  service "redis" {
    image   = "docker.io/library/redis:8.2.2-alpine"
    port    = 6379
    command = ["redis-server", "--appendonly", "yes"]
    volume "data" {
      path  = "/data"
      owner = "999:1000"
      kind  = "database"
    }
    health { command = ["redis-cli", "ping"] }
    backup { command = ["redis-cli", "--rdb", "-"] }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 256
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "activepieces"
      POSTGRES_DB       = "activepieces"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "activepieces"] }
    backup { command = ["pg_dump", "-U", "activepieces", "activepieces"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
