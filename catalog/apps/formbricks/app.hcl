app "formbricks" {
  title         = "Formbricks"
  tagline       = "Ask your users where they are"
  description   = "Surveys by link, on your site and in your app, with logic, languages and answers sorted as they come. It asks the right people at the right moment."
  category      = "business"
  version       = "4.5.0"
  website       = "https://formbricks.com"
  source        = "https://github.com/formbricks/formbricks"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the organization and administers it. Files cannot be uploaded in answers; that would need an S3 store."

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
  secret "cron_secret" { length = 64 }
  secret "db_password" {}
  secret "encryption_key" {
    bytes   = 32
    charset = "hex"
  }
  secret "nextauth_secret" { length = 64 }

  service "web" {
    image = "ghcr.io/formbricks/formbricks:4.5.0"
    after = ["db", "redis"]
    env = {
      CRON_SECRET                 = secret.cron_secret
      DATABASE_URL                = "postgresql://formbricks:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/formbricks?schema=public"
      EMAIL_VERIFICATION_DISABLED = "1"
      HOSTNAME                    = "0.0.0.0"
      ENCRYPTION_KEY              = secret.encryption_key
      MAIL_FROM                   = setting.smtp_from != "" ? setting.smtp_from : null
      NEXTAUTH_SECRET             = secret.nextauth_secret
      NEXTAUTH_URL                = app.url
      PASSWORD_RESET_DISABLED     = setting.smtp_host != "" ? null : "1"
      REDIS_URL                   = "redis://${service.redis.host}:${service.redis.port}"
      SMTP_HOST                   = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT                   = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_SECURE_ENABLED         = setting.smtp_host != "" ? (setting.smtp_security == "tls" ? "1" : "0") : null
      SMTP_USER                   = setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD               = setting.smtp_username != "" ? setting.smtp_password : null
      TELEMETRY_DISABLED          = "1"
      WEBAPP_URL                  = app.url
    }
    expose "web" {
      port   = 3000
      access = "app"
      health {
        path    = "/health"
        timeout = 10
      }
    }
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 1536
    }
  }

  service "db" {
    image = "docker.io/pgvector/pgvector:0.8.0-pg17"
    port  = 5432
    env = {
      POSTGRES_USER     = "formbricks"
      POSTGRES_DB       = "formbricks"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "999:999"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "formbricks"] }
    backup { command = ["pg_dump", "-U", "formbricks", "formbricks"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }

  service "redis" {
    image   = "docker.io/library/redis:8.2.2-alpine"
    port    = 6379
    command = ["redis-server", "--save", "", "--appendonly", "no"]
    health { command = ["redis-cli", "ping"] }

    resources {
      cpu        = 50
      memory     = 32
      memory_max = 256
    }
  }
}
