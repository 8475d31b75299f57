app "dawarich" {
  title         = "Dawarich"
  tagline       = "Where you have been, for your eyes only"
  description   = "Collects your phone's positions and draws your days, trips and years on a map, counts countries and kilometres, and takes in the history that Google kept of you."
  category      = "home"
  version       = "1.10.3"
  website       = "https://dawarich.app"
  source        = "https://github.com/Freika/dawarich"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "demo@dawarich.app"
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Sign in as demo@dawarich.app with the password safepassword and change both at once under Account. On the phone, use Dawarich's own app, OwnTracks or Overland with this app's address and the key that your account shows."

  secret "db_password" {}
  secret "secret_key_base" {
    bytes   = 64
    charset = "hex"
  }

  service "web" {
    image      = "docker.io/freikin/dawarich:1.10.3"
    after      = ["db", "redis"]
    entrypoint = ["web-entrypoint.sh"]
    command    = ["bin/rails", "server", "-p", "3000", "-b", "0.0.0.0"]
    env = {
      APPLICATION_HOSTS    = "localhost,127.0.0.1,${app.host}"
      APPLICATION_PROTOCOL = "http"
      DATABASE_HOST        = service.db.host
      DATABASE_NAME        = "dawarich"
      DATABASE_PASSWORD    = secret.db_password
      DATABASE_PORT        = service.db.port
      DATABASE_USERNAME    = "dawarich"
      DOMAIN               = app.host
      RAILS_ENV            = "production"
      RAILS_LOG_TO_STDOUT  = "true"
      REDIS_URL            = "redis://${service.redis.host}:${service.redis.port}"
      SECRET_KEY_BASE      = secret.secret_key_base
      SELF_HOSTED          = "true"
      STORE_GEODATA        = "true"
      TIME_ZONE            = pool.timezone
    }
    volume "public" {
      path  = "/var/app/public"
      owner = "0:0"
      kind  = "cache"
    }
    volume "storage" {
      path  = "/var/app/storage"
      owner = "0:0"
      kind  = "data"
    }
    volume "watched" {
      path  = "/var/app/tmp/imports/watched"
      owner = "0:0"
      kind  = "data"
    }
    # Its first password is known to everybody; hence private, but for the paths
    # that phones send positions to, each with a key.
    expose "web" {
      port   = 3000
      access = "private"
      public = ["/api/v1/owntracks", "/api/v1/overland", "/api/v1/points"]
      health {
        path     = "/api/v1/health"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 1536
    }
  }

  service "worker" {
    image      = "docker.io/freikin/dawarich:1.10.3"
    after      = ["db", "redis"]
    entrypoint = ["sidekiq-entrypoint.sh"]
    command    = ["sidekiq"]
    env = {
      APPLICATION_HOSTS                 = "localhost,127.0.0.1,${app.host}"
      APPLICATION_PROTOCOL              = "http"
      BACKGROUND_PROCESSING_CONCURRENCY = "5"
      DATABASE_HOST                     = service.db.host
      DATABASE_NAME                     = "dawarich"
      DATABASE_PASSWORD                 = secret.db_password
      DATABASE_PORT                     = service.db.port
      DATABASE_USERNAME                 = "dawarich"
      DOMAIN                            = app.host
      RAILS_ENV                         = "production"
      RAILS_LOG_TO_STDOUT               = "true"
      REDIS_URL                         = "redis://${service.redis.host}:${service.redis.port}"
      SECRET_KEY_BASE                   = secret.secret_key_base
      SELF_HOSTED                       = "true"
      STORE_GEODATA                     = "true"
      TIME_ZONE                         = pool.timezone
    }
    volume "public" {
      path = "/var/app/public"
      from = "web"
    }
    volume "storage" {
      path = "/var/app/storage"
      from = "web"
    }
    volume "watched" {
      path = "/var/app/tmp/imports/watched"
      from = "web"
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 384
      memory_max = 1536
    }
  }

  # PostgreSQL with maps in it, as a build that knows ARM too.
  service "db" {
    image = "ghcr.io/baosystems/postgis:17-3.5"
    port  = 5432
    env = {
      POSTGRES_USER     = "dawarich"
      POSTGRES_DB       = "dawarich"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "999:999"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "dawarich"] }
    backup { command = ["pg_dump", "-U", "dawarich", "dawarich"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 256
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # Bound to the address that just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "60", "1", "--appendonly", "no"]
    volume "data" {
      path  = "/data"
      owner = "999:1000"
      kind  = "database"
    }
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    stop_timeout = 20
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
