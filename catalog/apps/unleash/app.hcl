app "unleash" {
  title         = "Unleash"
  tagline       = "Turn new features on for some, then for all"
  description   = "Ship code that is still off, switch it on for yourself, for a tenth of your users or for everybody, and off again within seconds."
  category      = "development"
  version       = "7.6.4"
  website       = "https://www.getunleash.io"
  source        = "https://github.com/Unleash/unleash"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 512
  notes         = "Sign in as admin with the password that was made for you. Your programs need a token, which you make under Admin, API access."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/unleashorg/unleash-server:7.6.4"
    after = ["db"]
    env = {
      CHECK_VERSION                  = "false"
      DATABASE_SSL                   = "false"
      DATABASE_URL                   = "postgres://unleash:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/unleash"
      LOG_LEVEL                      = "warn"
      SEND_TELEMETRY                 = "false"
      UNLEASH_DEFAULT_ADMIN_USERNAME = "admin"
      UNLEASH_DEFAULT_ADMIN_PASSWORD = secret.admin_password
      UNLEASH_URL                    = app.url
    }
    expose "web" {
      port   = 4242
      access = "app"
      health { path = "/health" }
    }
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "unleash"
      POSTGRES_DB       = "unleash"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "unleash"] }
    backup { command = ["pg_dump", "-U", "unleash", "unleash"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
