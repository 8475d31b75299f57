app "dashy" {
  title         = "Dashy"
  tagline       = "A start page for all that you run"
  description   = "Your links with icons, whether each is up, and small widgets beside them, in the colours that you like. It is arranged on the page or in one text file."
  category      = "tools"
  version       = "4.5.12"
  website       = "https://dashy.to"
  source        = "https://github.com/Lissy93/dashy"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 128
  notes         = "It asks nobody to sign in by itself, so its front door lets only your home network pass. What you arrange on the page is kept in conf.yml of its volume."

  service "web" {
    image = "ghcr.io/lissy93/dashy:4.5.12"
    after = ["first-page"]
    env = {
      NODE_ENV = "production"
      TZ       = pool.timezone
    }
    volume "data" {
      path  = "/app/user-data"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "data"
    }
    expose "web" {
      port   = 8080
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 50
      memory     = 192
      memory_max = 512
    }
  }

  # Without a file Dashy shows an error: this is the image's own to begin with.
  service "first-page" {
    image      = "ghcr.io/lissy93/dashy:4.5.12"
    entrypoint = ["/bin/sh", "-ec"]
    command    = ["[ -f /first/conf.yml ] || cp /app/user-data/conf.yml /first/conf.yml"]
    once       = true
    volume "data" {
      path = "/first"
      from = "web"
    }
    resources {
      cpu        = 50
      memory     = 16
      memory_max = 64
    }
  }
}
