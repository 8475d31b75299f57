app "sonarr" {
  title         = "Sonarr"
  tagline       = "Finds and files the series that you follow"
  description   = "Say which series you watch; it looks out for new episodes, hands them to your download client, and names and files them so that Jellyfin, Emby or Plex understand."
  category      = "media"
  version       = "4.0.19"
  website       = "https://sonarr.tv"
  source        = "https://github.com/Sonarr/Sonarr"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 1024
  notes         = "At the first visit it asks for a name and a password; choose Forms as the method. Add Prowlarr or an indexer, then a download client, by the addresses that your cloud gave them. Everything that it files lies in the folder \"web/data\" that this app's status names: choose /data/tv as the root folder. It can take over only what it sees below /data; bring the download client's folder there by an override where both run on one machine."

  service "web" {
    image = "lscr.io/linuxserver/sonarr:4.0.19"
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
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # Open to everybody until its owner sets a password; hence private.
    expose "web" {
      port   = 8989
      access = "private"
      health {
        path    = "/ping"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }
}
