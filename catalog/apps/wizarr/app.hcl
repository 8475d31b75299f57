app "wizarr" {
  title         = "Wizarr"
  tagline       = "Invite people to your media server by a link"
  description   = "Make a link, send it, and whoever opens it gets an account on your Jellyfin, Plex or Emby with the libraries and for the time that you chose, together with a short tour."
  category      = "media"
  version       = "2026.7.1"
  website       = "https://github.com/wizarrrr/wizarr"
  source        = "https://github.com/wizarrrr/wizarr"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 512
  notes         = "Open it right away: the first visitor makes the administrator's account and connects the media server."

  service "web" {
    image = "ghcr.io/wizarrrr/wizarr:v2026.7.1"
    env = {
      DISABLE_BUILTIN_AUTH = "false"
      PGID                 = "1000"
      PORT                 = "5690"
      PUID                 = "1000"
      TZ                   = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 5690
      access = "app"
      health {
        path    = "/health"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }
}
