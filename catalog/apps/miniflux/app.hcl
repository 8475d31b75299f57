app "miniflux" {
  title         = "Miniflux"
  tagline       = "A minimalist feed reader"
  description   = "Follow blogs, news sites, podcasts and video channels in one quiet list, without an algorithm in between. It fetches your feeds around the clock, takes tracking pixels out of articles, and works with most reader apps for phones."
  category      = "reading"
  version       = "2.2.15"
  website       = "https://miniflux.app"
  source        = "https://github.com/miniflux/v2"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 512
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you; change it under Settings when you are in."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "The first account. Changing it later makes another account and leaves this one."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"
  }
  setting "polling_minutes" {
    title    = "Minutes between looks at a feed"
    type     = "number"
    default  = 60
    min      = 5
    max      = 1440
    advanced = true
  }
  # Miniflux asks for at least six characters; ours has 32.
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/miniflux/miniflux:2.2.15"
    after = ["db"]
    env = {
      DATABASE_URL      = "postgres://miniflux:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/miniflux?sslmode=disable"
      RUN_MIGRATIONS    = "1"
      CREATE_ADMIN      = "1"
      ADMIN_USERNAME    = setting.admin_username
      ADMIN_PASSWORD    = secret.admin_password
      BASE_URL          = app.url
      LISTEN_ADDR       = "0.0.0.0:8080"
      POLLING_FREQUENCY = setting.polling_minutes
      TZ                = pool.timezone
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/healthcheck" }
    }
    resources {
      cpu    = 100
      memory = 128
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "miniflux"
      POSTGRES_DB       = "miniflux"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "miniflux"] }
    backup { command = ["pg_dump", "-U", "miniflux", "miniflux"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
