app "shlink" {
  title         = "Shlink"
  tagline       = "Short links at your own domain"
  description   = "Turn long addresses into short ones that belong to you, change where they lead, and see how often and from where they were followed."
  category      = "web"
  version       = "5.1.5"
  website       = "https://shlink.io"
  source        = "https://github.com/shlinkio/shlink"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Short links begin with this app's address, which everybody may follow. You make them at its second address, which begins with links- and which only your home network can open."

  setting "base_redirect" {
    title    = "Where the bare address leads"
    help     = "Empty: nowhere."
    type     = "url"
    advanced = true
  }
  secret "api_key" {
    title   = "Key for programs that make links"
    reveal  = true
    charset = "uuid"
  }
  secret "db_password" {}

  service "web" {
    image = "ghcr.io/shlinkio/shlink:5.1.5"
    after = ["db"]
    env = {
      DEFAULT_DOMAIN            = trimprefix(trimprefix(app.url, "https://"), "http://")
      IS_HTTPS_ENABLED          = replace(app.url, "https://", "") != app.url
      PORT                      = "8081"
      INITIAL_API_KEY           = secret.api_key
      DB_DRIVER                 = "postgres"
      DB_HOST                   = service.db.host
      DB_PORT                   = service.db.port
      DB_NAME                   = "shlink"
      DB_USER                   = "shlink"
      DB_PASSWORD               = secret.db_password
      TIMEZONE                  = pool.timezone
      DEFAULT_BASE_URL_REDIRECT = setting.base_redirect != "" ? setting.base_redirect : null
    }
    expose "web" {
      port   = 8081
      access = "public"
      health { path = "/rest/health" }
    }
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }

  # It gives the key to whoever may open it.
  service "client" {
    image = "docker.io/shlinkio/shlink-web-client:4.8.1"
    env = {
      SHLINK_SERVER_NAME    = "Shlink"
      SHLINK_SERVER_URL     = app.url
      SHLINK_SERVER_API_KEY = secret.api_key
    }
    expose "links" {
      port      = 8080
      subdomain = "links"
      health {}
      access = "private"
    }
    resources {
      cpu    = 20
      memory = 24
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "shlink"
      POSTGRES_DB       = "shlink"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "shlink"] }
    backup { command = ["pg_dump", "-U", "shlink", "shlink"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
