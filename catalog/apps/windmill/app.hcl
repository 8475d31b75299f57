app "windmill" {
  title         = "Windmill"
  tagline       = "Turn scripts into tools and flows"
  description   = "Write a function in Python, TypeScript, Go, SQL or Bash, and have a form, a schedule, an address to call and a place in a flow for it."
  category      = "automation"
  version       = "1.775.2"
  website       = "https://www.windmill.dev"
  source        = "https://github.com/windmill-labs/windmill"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin@windmill.dev"
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Sign in as admin@windmill.dev with the password changeme; it leads you to making an account of your own. Until you open it to others, only your home network passes its front door."

  secret "db_password" {}

  service "web" {
    image = "ghcr.io/windmill-labs/windmill:1.775.2"
    after = ["db"]
    env = {
      BASE_URL          = app.url
      DATABASE_URL      = "postgres://windmill:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/windmill?sslmode=disable"
      DISABLE_TELEMETRY = "true"
      MODE              = "server"
    }
    # Nobody but you, since its first password is one that everybody knows.
    expose "web" {
      port   = 8000
      access = "private"
      health { path = "/api/version" }
    }
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }

  service "worker" {
    image = "ghcr.io/windmill-labs/windmill:1.775.2"
    after = ["web"]
    env = {
      BASE_URL          = app.url
      DATABASE_URL      = "postgres://windmill:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/windmill?sslmode=disable"
      DISABLE_TELEMETRY = "true"
      MODE              = "worker"
      WORKER_GROUP      = "default"
    }
    volume "cache" {
      path = "/tmp/windmill/cache"
      mode = "0755"
      kind = "cache"
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 3072
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "windmill"
      POSTGRES_DB       = "windmill"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "windmill"] }
    backup { command = ["pg_dump", "-U", "windmill", "windmill"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
