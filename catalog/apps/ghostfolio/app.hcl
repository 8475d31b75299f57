app "ghostfolio" {
  title         = "Ghostfolio"
  tagline       = "What you own, and how it does"
  description   = "Shares, funds, coins and savings of several banks in one view: what they brought, how they are spread, and what could go wrong."
  category      = "finance"
  version       = "3.56.0"
  website       = "https://ghostfol.io"
  source        = "https://github.com/ghostfolio/ghostfolio"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 512
  notes         = "Choose Get Started, and keep the security token that it shows you, since it is how you sign in. The first account administers it, and can switch off under Admin Control that others make theirs. Only your home network passes its front door until you open it to others."

  secret "access_token_salt" { length = 64 }
  secret "db_password" {}
  secret "jwt_secret" { length = 64 }
  secret "redis_password" {}

  service "web" {
    image = "docker.io/ghostfolio/ghostfolio:3.56.0"
    init  = true
    after = ["db", "redis"]
    env = {
      ACCESS_TOKEN_SALT = secret.access_token_salt
      DATABASE_URL      = "postgresql://ghostfolio:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/ghostfolio?connect_timeout=300&sslmode=prefer"
      HOST              = "0.0.0.0"
      JWT_SECRET_KEY    = secret.jwt_secret
      NODE_ENV          = "production"
      PORT              = "3333"
      REDIS_HOST        = service.redis.host
      REDIS_PASSWORD    = secret.redis_password
      REDIS_PORT        = service.redis.port
      ROOT_URL          = app.url
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 3333
      access = "private"
      health { path = "/api/v1/health" }
    }
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # By a shell, so that the password is not among what the host sees as the container's arguments.
    command = ["sh", "-c", "printf 'requirepass %s\\nsave \"\"\\n' \"$REDIS_PASSWORD\" | exec redis-server -"]
    env = {
      REDIS_PASSWORD = secret.redis_password
    }
    health { command = ["sh", "-c", "REDISCLI_AUTH=\"$REDIS_PASSWORD\" redis-cli ping"] }
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
      POSTGRES_USER     = "ghostfolio"
      POSTGRES_DB       = "ghostfolio"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "ghostfolio"] }
    backup { command = ["pg_dump", "-U", "ghostfolio", "ghostfolio"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
