app "pinchflat" {
  title         = "Pinchflat"
  tagline       = "Follows YouTube channels and keeps their videos"
  description   = "Say which channels and lists you like and how good the picture must be; it fetches what is new, names it so that a media server understands, and throws old ones away when you wish."
  category      = "media"
  version       = "2025.6.6"
  website       = "https://github.com/kieraneglin/pinchflat"
  source        = "https://github.com/kieraneglin/pinchflat"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 4096
  notes         = "Make a media profile first, then add sources. What is fetched lies in the folder \"web/downloads\" that this app's status names."

  service "web" {
    image = "ghcr.io/kieraneglin/pinchflat:v2025.6.6"
    env = {
      LOG_LEVEL = "info"
      TZ        = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "0:0"
      kind  = "database"
    }
    volume "downloads" {
      path  = "/downloads"
      owner = "0:0"
      mode  = "0755"
      kind  = "media"
    }
    # It knows no accounts.
    expose "web" {
      port   = 8945
      access = "private"
      health { path = "/healthcheck" }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 320
      memory_max = 1536
    }
  }
}
