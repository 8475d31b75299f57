app "homepage" {
  title         = "Homepage"
  tagline       = "A start page that knows your services"
  description   = "Links to everything that you run, with what each has to say: how many films, how full the disk, what the weather. You write down in a few lines what stands where."
  category      = "tools"
  version       = "1.13.2"
  website       = "https://gethomepage.dev"
  source        = "https://github.com/gethomepage/homepage"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 128
  notes         = "It is arranged in text files: services.yaml, widgets.yaml and others in its volume config, which it makes at its first start. Its front door lets only your home network pass."

  service "web" {
    image = "ghcr.io/gethomepage/homepage:v1.13.2"
    env = {
      HOSTNAME               = "0.0.0.0"
      HOMEPAGE_ALLOWED_HOSTS = "${app.host},${trimprefix(trimprefix(app.url, "https://"), "http://")}"
      PGID                   = "1000"
      PUID                   = "1000"
      TZ                     = pool.timezone
    }
    volume "config" {
      path  = "/app/config"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "private"
      health { path = "/api/healthcheck" }
    }
    resources {
      cpu        = 50
      memory     = 128
      memory_max = 512
    }
  }
}
