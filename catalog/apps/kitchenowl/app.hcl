app "kitchenowl" {
  title         = "KitchenOwl"
  tagline       = "The household's shopping list and recipes"
  description   = "One shopping list that everybody in the house writes on, also without a network, with recipes that fill it, a plan for the week, and who paid what."
  category      = "home"
  version       = "0.7.10"
  website       = "https://kitchenowl.org"
  source        = "https://github.com/TomBursch/kitchenowl"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Open it right away: the first visitor makes the owner's account. There are apps for phones; give them this address."

  setting "registration" {
    title   = "Let anybody make an account"
    type    = "bool"
    default = false
  }
  secret "db_password" {}
  secret "jwt_secret" { length = 48 }

  service "web" {
    image = "docker.io/tombursch/kitchenowl:v0.7.10"
    after = ["db"]
    env = {
      DB_DRIVER         = "postgresql"
      DB_HOST           = service.db.host
      DB_NAME           = "kitchenowl"
      DB_PASSWORD       = secret.db_password
      DB_USER           = "kitchenowl"
      FRONT_URL         = app.url
      JWT_SECRET_KEY    = secret.jwt_secret
      OPEN_REGISTRATION = setting.registration
      TZ                = pool.timezone
    }
    volume "files" {
      path  = "/data"
      owner = "0:0"
      kind  = "data"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/" }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "kitchenowl"
      POSTGRES_DB       = "kitchenowl"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "kitchenowl"] }
    backup { command = ["pg_dump", "-U", "kitchenowl", "kitchenowl"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 160
    }
  }
}
