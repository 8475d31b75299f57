app "hoppscotch" {
  title         = "Hoppscotch"
  tagline       = "Try out and write down APIs"
  description   = "Send requests over REST, GraphQL, WebSocket and more, keep them in collections, and share them with your team. It opens at once, in the browser."
  category      = "development"
  version       = "2026.2.1"
  website       = "https://hoppscotch.io"
  source        = "https://github.com/hoppscotch/hoppscotch"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "Open /admin first: whoever does sets up how people sign in, and becomes its administrator. Only your home network passes its front door until you open it to others. Signing in by mail needs a mail server, which you give there."

  secret "db_password" {}
  secret "data_key" { length = 32 }

  service "web" {
    image = "docker.io/hoppscotch/hoppscotch:2026.2.1"
    after = ["migrate"]
    env = {
      DATABASE_URL                = "postgresql://hoppscotch:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/hoppscotch"
      DATA_ENCRYPTION_KEY         = secret.data_key
      ENABLE_SUBPATH_BASED_ACCESS = "true"
      HOPP_AIO_ALTERNATE_PORT     = "80"
      WHITELISTED_ORIGINS         = "${app.url},${app.url}/admin,${app.url}/backend"
      VITE_BASE_URL               = app.url
      VITE_SHORTCODE_BASE_URL     = app.url
      VITE_ADMIN_URL              = "${app.url}/admin"
      VITE_BACKEND_API_URL        = "${app.url}/backend/v1"
      VITE_BACKEND_GQL_URL        = "${app.url}/backend/graphql"
      VITE_BACKEND_WS_URL         = "${trimprefix(app.url, "https://") != app.url ? "wss" : "ws"}://${trimprefix(trimprefix(app.url, "https://"), "http://")}/backend/graphql"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 80
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "migrate" {
    image      = "docker.io/hoppscotch/hoppscotch:2026.2.1"
    entrypoint = ["/bin/sh", "-ec"]
    command    = ["pnpm exec prisma migrate deploy"]
    once       = true
    after      = ["db"]
    env = {
      DATABASE_URL = "postgresql://hoppscotch:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/hoppscotch"
    }
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 512
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "hoppscotch"
      POSTGRES_DB       = "hoppscotch"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "hoppscotch"] }
    backup { command = ["pg_dump", "-U", "hoppscotch", "hoppscotch"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
