app "immich" {
  title         = "Immich"
  tagline       = "Photos from your phone, safe at home"
  description   = "Takes the pictures and videos off your phone as they are made, finds faces, places and things in them, and shows them as a timeline, albums and a map. What you would otherwise let a large company do."
  category      = "photos"
  version       = "3.1.0"
  website       = "https://immich.app"
  source        = "https://github.com/immich-app/immich"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 6144
  min_disk      = 10240
  notes         = "Open it right away: the first visitor makes the administrator's account. Then install the app on your phone, give it this address and choose which albums it backs up. The first hours are busy ones, while it looks through your pictures. Keep a copy elsewhere too: no photo should live in one place."

  setting "recognition" {
    title    = "Find faces and things"
    help     = "Takes about a gigabyte of memory. Without it, search knows dates, places and names of files only."
    type     = "bool"
    default  = true
    advanced = true
  }
  secret "db_password" {}

  service "web" {
    image = "ghcr.io/immich-app/immich-server:v3.1.0"
    after = ["db", "redis"]
    env = {
      DB_DATABASE_NAME                = "immich"
      DB_HOSTNAME                     = service.db.host
      DB_PASSWORD                     = secret.db_password
      DB_PORT                         = service.db.port
      DB_USERNAME                     = "immich"
      IMMICH_MACHINE_LEARNING_ENABLED = setting.recognition
      IMMICH_MACHINE_LEARNING_URL     = "http://${service.recognition.host}:${service.recognition.port}"
      IMMICH_TRUSTED_PROXIES          = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      REDIS_HOSTNAME                  = service.redis.host
      REDIS_PORT                      = service.redis.port
      TZ                              = pool.timezone
    }
    volume "photos" {
      path  = "/data"
      owner = "0:0"
      kind  = "data"
    }
    expose "web" {
      port   = 2283
      access = "app"
      health {
        path     = "/api/server/ping"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 768
      memory_max = 3072
    }
  }

  service "recognition" {
    image = "ghcr.io/immich-app/immich-machine-learning:v3.1.0"
    port  = 3003
    env = {
      # Nobody outside this app's own network may ask it.
      IMMICH_HOST = "127.0.0.1"
      TZ          = pool.timezone
    }
    # The models, fetched when they are first needed.
    volume "models" {
      path  = "/cache"
      owner = "0:0"
      kind  = "cache"
    }
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 4096
    }
  }

  # Immich's own build of PostgreSQL, with the vector search that it needs.
  service "db" {
    image = "ghcr.io/immich-app/postgres:14-vectorchord0.4.3-pgvectors0.2.0"
    port  = 5432
    env = {
      POSTGRES_USER     = "immich"
      POSTGRES_DB       = "immich"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "immich"] }
    backup { command = ["pg_dump", "-U", "immich", "immich"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 512
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # Work that waits, which Immich finds again by itself, so nothing goes to disk; bound to the
    # address that just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    tmpfs   = ["/data"]
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
