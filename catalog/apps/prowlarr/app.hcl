app "prowlarr" {
  title         = "Prowlarr"
  tagline       = "One list of indexers for all who search"
  description   = "Enter the sites that you search, for torrents or Usenet, once; Prowlarr passes them on to Sonarr, Radarr and Lidarr and keeps them in step."
  category      = "media"
  version       = "2.5.2"
  website       = "https://prowlarr.com"
  source        = "https://github.com/Prowlarr/Prowlarr"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 512
  notes         = "At the first visit it asks for a name and a password; choose Forms as the method. Add indexers, then under Settings, Apps the addresses that your cloud gave to Sonarr and the others, with the key that each shows under Settings, General."

  service "web" {
    image = "lscr.io/linuxserver/prowlarr:2.5.2"
    env = {
      PGID = "1000"
      PUID = "1000"
      TZ   = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    # Open to everybody until its owner sets a password; hence private.
    expose "web" {
      port   = 9696
      access = "private"
      health {
        path    = "/ping"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 768
    }
  }
}
