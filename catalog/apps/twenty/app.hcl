app "twenty" {
  title         = "Twenty"
  tagline       = "A customer list that a firm likes to keep"
  description   = "People, companies and deals in tables and boards with fields of your own, mail and calendar beside them, and rules that take steps by themselves."
  category      = "business"
  version       = "2.32.0"
  website       = "https://twenty.com"
  source        = "https://github.com/twentyhq/twenty"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 3072
  min_disk      = 2048
  notes         = "The first visitor makes the workspace and administers it. Only your home network passes its front door until you open it to others."

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
  secret "app_secret" { length = 64 }
  secret "db_password" {}

  service "web" {
    image = "docker.io/twentycrm/twenty:v2.32.0"
    user  = "1000:1000"
    after = ["db", "redis"]
    env = {
      NODE_PORT           = "3000"
      APP_SECRET          = secret.app_secret
      PG_DATABASE_URL     = "postgres://twenty:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/twenty"
      REDIS_URL           = "redis://${service.redis.host}:${service.redis.port}"
      SERVER_URL          = app.url
      STORAGE_TYPE        = "local"
      TELEMETRY_ENABLED   = "false"
      EMAIL_DRIVER        = setting.smtp_host != "" ? "smtp" : null
      EMAIL_FROM_ADDRESS  = setting.smtp_from != "" ? setting.smtp_from : null
      EMAIL_SMTP_HOST     = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_SMTP_PORT     = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_SMTP_NO_TLS   = setting.smtp_host != "" && setting.smtp_security == "none" ? "true" : null
      EMAIL_SMTP_USER     = setting.smtp_username != "" ? setting.smtp_username : null
      EMAIL_SMTP_PASSWORD = setting.smtp_username != "" ? setting.smtp_password : null
    }
    volume "storage" {
      path  = "/app/packages/twenty-server/.local-storage"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "state" {
      path  = "/app/docker-data"
      owner = "1000:1000"
      kind  = "data"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health {
        path    = "/healthz"
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

  service "worker" {
    image   = "docker.io/twentycrm/twenty:v2.32.0"
    user    = "1000:1000"
    command = ["yarn", "worker:prod"]
    after   = ["web"]
    env = {
      DISABLE_DB_MIGRATIONS          = "true"
      DISABLE_CRON_JOBS_REGISTRATION = "true"
      APP_SECRET                     = secret.app_secret
      PG_DATABASE_URL                = "postgres://twenty:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/twenty"
      REDIS_URL                      = "redis://${service.redis.host}:${service.redis.port}"
      SERVER_URL                     = app.url
      STORAGE_TYPE                   = "local"
      TELEMETRY_ENABLED              = "false"
      EMAIL_DRIVER                   = setting.smtp_host != "" ? "smtp" : null
      EMAIL_FROM_ADDRESS             = setting.smtp_from != "" ? setting.smtp_from : null
      EMAIL_SMTP_HOST                = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_SMTP_PORT                = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_SMTP_NO_TLS              = setting.smtp_host != "" && setting.smtp_security == "none" ? "true" : null
      EMAIL_SMTP_USER                = setting.smtp_username != "" ? setting.smtp_username : null
      EMAIL_SMTP_PASSWORD            = setting.smtp_username != "" ? setting.smtp_password : null
    }
    volume "storage" {
      path = "/app/packages/twenty-server/.local-storage"
      from = "web"
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 512
      memory_max = 1536
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
      POSTGRES_USER     = "twenty"
      POSTGRES_DB       = "twenty"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "twenty"] }
    backup { command = ["pg_dump", "-U", "twenty", "twenty"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
