app "jellyfin" {
  title         = "Jellyfin"
  tagline       = "Your films, series and music on every screen"
  description   = "Puts your own media on televisions, phones and browsers, with covers, subtitles and where you left off. It converts what a device cannot play while you watch."
  category      = "media"
  version       = "10.11.11"
  website       = "https://jellyfin.org"
  source        = "https://github.com/jellyfin/jellyfin"
  license       = "GPL-2.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Open it right away: the first visitor makes the administrator's account. Put your media into the folder \"web/media\" that this app's status names (dcloud app status jellyfin), then add /media as a library. Converting video needs a fast processor; choose apps that play your files as they are where you can."

  service "web" {
    image = "docker.io/jellyfin/jellyfin:10.11.11"
    user  = "1000:1000"
    env = {
      JELLYFIN_PublishedServerUrl = app.url
      TZ                          = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "cache" {
      path  = "/cache"
      owner = "1000:1000"
      kind  = "cache"
    }
    volume "media" {
      path  = "/media"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 8096
      access = "app"
      health {
        path    = "/health"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 2048
    }
  }
}
