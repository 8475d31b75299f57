app "sure" {
  title         = "Sure"
  tagline       = "Your money, accounts and plans in one view"
  description   = "Accounts, cards, loans, property and investments together, budgets and what is left, month by month. It goes on with what Maybe began."
  category      = "finance"
  version       = "0.7.3"
  website       = "https://sure.am"
  source        = "https://github.com/we-promise/sure"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 1024
  notes         = "The first visitor makes the account that administers it; in its settings you say whether others need an invitation. Only your home network passes its front door until you open it to others."

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
  secret "db_password" {}
  secret "secret_key" { length = 128 }

  service "web" {
    image = "ghcr.io/we-promise/sure:0.7.3"
    user  = "1000:1000"
    after = ["db", "redis"]
    env = {
      APP_DOMAIN        = app.host
      DB_HOST           = service.db.host
      DB_PORT           = service.db.port
      POSTGRES_DB       = "sure"
      POSTGRES_USER     = "sure"
      POSTGRES_PASSWORD = secret.db_password
      RAILS_ASSUME_SSL  = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      RAILS_FORCE_SSL   = "false"
      REDIS_URL         = "redis://${service.redis.host}:${service.redis.port}/1"
      SECRET_KEY_BASE   = secret.secret_key
      SELF_HOSTED       = "true"
      EMAIL_SENDER      = setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_ADDRESS      = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT         = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_TLS_ENABLED  = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      SMTP_USERNAME     = setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD     = setting.smtp_username != "" ? setting.smtp_password : null
    }
    volume "storage" {
      path  = "/rails/storage"
      owner = "1000:1000"
      kind  = "data"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health { path = "/up" }
    }
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "worker" {
    image   = "ghcr.io/we-promise/sure:0.7.3"
    user    = "1000:1000"
    command = ["bundle", "exec", "sidekiq"]
    after   = ["web"]
    env = {
      APP_DOMAIN        = app.host
      DB_HOST           = service.db.host
      DB_PORT           = service.db.port
      POSTGRES_DB       = "sure"
      POSTGRES_USER     = "sure"
      POSTGRES_PASSWORD = secret.db_password
      RAILS_ASSUME_SSL  = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      RAILS_FORCE_SSL   = "false"
      REDIS_URL         = "redis://${service.redis.host}:${service.redis.port}/1"
      SECRET_KEY_BASE   = secret.secret_key
      SELF_HOSTED       = "true"
      EMAIL_SENDER      = setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_ADDRESS      = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT         = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_TLS_ENABLED  = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      SMTP_USERNAME     = setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD     = setting.smtp_username != "" ? setting.smtp_password : null
    }
    volume "storage" {
      path = "/rails/storage"
      from = "web"
    }
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
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
      POSTGRES_USER     = "sure"
      POSTGRES_DB       = "sure"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "sure"] }
    backup { command = ["pg_dump", "-U", "sure", "sure"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
