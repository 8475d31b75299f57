app "ersatztv" {
  title         = "ErsatzTV"
  tagline       = "Your own television channels from your own films"
  description   = "Makes channels with a programme out of your collection, which Jellyfin, Plex, Emby or any IPTV app shows like ordinary television, for evenings on which nobody wants to choose."
  category      = "media"
  version       = "26.8.0"
  website       = "https://ersatztv.org"
  source        = "https://github.com/ErsatzTV/legacy"
  license       = "Zlib"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 4096
  notes         = "Connect Jellyfin, Emby or Plex, or add the folder \"web/media\" that this app's status names as /media, then make a collection, a schedule and a channel. Media servers and apps in your home fetch the channels from /iptv/channels.m3u."

  service "web" {
    image = "ghcr.io/ersatztv/legacy:v26.8.0"
    user  = "1000:1000"
    env = {
      TZ = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "transcode" {
      path  = "/transcode"
      owner = "1000:1000"
      kind  = "cache"
    }
    volume "media" {
      path  = "/media"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # It knows no accounts.
    expose "web" {
      port   = 8409
      access = "private"
      health { path = "/" }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 384
      memory_max = 2560
    }
  }
}
