app "readeck" {
  title         = "Readeck"
  tagline       = "Keep the web pages that you like, for good"
  description   = "Saves the readable part of articles, pictures and videos on your server, lets you mark what matters, and makes e-books of what you collect."
  category      = "reading"
  version       = "0.23.1"
  website       = "https://readeck.org"
  source        = "https://codeberg.org/readeck/readeck"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Open it right away: the first visitor makes the administrator's account. Then get the add-on for your browser, which saves the page that you look at."

  secret "secret_key" { length = 64 }

  service "web" {
    image = "codeberg.org/readeck/readeck:0.23.1"
    user  = "1000:1000"
    env = {
      READECK_ALLOWED_HOSTS   = app.host
      READECK_LOG_LEVEL       = "info"
      READECK_SECRET_KEY      = secret.secret_key
      READECK_SERVER_BASE_URL = app.url
      READECK_SERVER_HOST     = "0.0.0.0"
      READECK_SERVER_PORT     = "8000"
      READECK_TRUSTED_PROXIES = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      TZ                      = pool.timezone
    }
    volume "data" {
      path  = "/readeck"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 8000
      access = "app"
    }
    health { command = ["/bin/readeck", "healthcheck", "-config", "config.toml"] }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 128
      memory_max = 512
    }
  }
}
