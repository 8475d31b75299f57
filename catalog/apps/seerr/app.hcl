app "seerr" {
  title         = "Seerr"
  tagline       = "Lets your family ask for films and series"
  description   = "A friendly page where people who watch your Jellyfin, Emby or Plex look for what they miss and ask for it. You nod, and Sonarr or Radarr get the order. It follows Jellyseerr and Overseerr."
  category      = "media"
  version       = "3.4.1"
  website       = "https://seerr.dev"
  source        = "https://github.com/seerr-team/seerr"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 512
  notes         = "Open it right away: the first visitor connects it to Jellyfin, Emby or Plex and becomes the administrator. Give it the addresses that your cloud gave to the other apps. Mail is set up under Settings, Notifications."

  service "web" {
    image = "ghcr.io/seerr-team/seerr:v3.4.1"
    env = {
      LOG_LEVEL = "info"
      PORT      = "5055"
      TZ        = pool.timezone
    }
    volume "config" {
      path  = "/app/config"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 5055
      access = "app"
      health {
        path    = "/api/v1/status"
        timeout = 10
      }
    }
    init         = true
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 320
      memory_max = 1024
    }
  }
}
