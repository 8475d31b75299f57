app "uptime-kuma" {
  title         = "Uptime Kuma"
  tagline       = "Tells you when something is down"
  description   = "Watches sites, servers and services around the clock, writes to you through the messenger that you like when one does not answer, and shows the state of all on a page that you may share."
  category      = "monitoring"
  version       = "2.5.0"
  website       = "https://uptimekuma.org"
  source        = "https://github.com/louislam/uptime-kuma"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 512
  notes         = "The first visitor makes the administrator's account. Only your home network passes its front door until you open it to others."

  service "web" {
    image = "docker.io/louislam/uptime-kuma:2.5.0"
    env = {
      TZ                  = pool.timezone
      UPTIME_KUMA_DB_TYPE = "sqlite"
      UPTIME_KUMA_PORT    = "3001"
    }
    volume "data" {
      path = "/app/data"
      kind = "database"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 3001
      access = "private"
      health { path = "/api/entry-page" }
    }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 160
      memory_max = 768
    }
  }
}
