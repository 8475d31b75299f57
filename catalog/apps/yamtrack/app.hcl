app "yamtrack" {
  title         = "Yamtrack"
  tagline       = "What you watch, read and play, ticked off"
  description   = "Keeps a list of films, series, anime, manga, books and games with marks, dates and what comes next, and takes in what Jellyfin, Plex or Trakt already know."
  category      = "media"
  version       = "0.26.1"
  website       = "https://github.com/FuzzyGrim/Yamtrack"
  source        = "https://github.com/FuzzyGrim/Yamtrack"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Make your account and turn registration off when everybody has one (dcloud app config yamtrack --set registration=false). Only your home network passes its front door until you open it to others."

  setting "registration" {
    title   = "Let anybody make an account"
    help    = "Needed until everybody has one."
    type    = "bool"
    default = true
  }
  secret "secret" { length = 50 }

  service "web" {
    image = "ghcr.io/fuzzygrim/yamtrack:0.26.1"
    after = ["redis"]
    env = {
      PGID         = "1000"
      PUID         = "1000"
      REDIS_URL    = "redis://${service.redis.host}:${service.redis.port}"
      REGISTRATION = setting.registration ? "True" : "False"
      SECRET       = secret.secret
      TZ           = pool.timezone
      URLS         = app.url
    }
    volume "data" {
      path  = "/yamtrack/db"
      owner = "1000:1000"
      kind  = "database"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 8000
      access = "private"
      health {
        path    = "/health/"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 320
      memory_max = 768
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
