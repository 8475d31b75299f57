app "radarr" {
  title         = "Radarr"
  tagline       = "Finds and files the films that you want"
  description   = "Keeps a list of films that you would like to have, waits until they can be had in the quality that you chose, and files them for your media server."
  category      = "media"
  version       = "6.3.0"
  website       = "https://radarr.video"
  source        = "https://github.com/Radarr/Radarr"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 1024
  notes         = "At the first visit it asks for a name and a password; choose Forms as the method. Add Prowlarr or an indexer, then a download client, by the addresses that your cloud gave them. Everything that it files lies in the folder \"web/data\" that this app's status names: choose /data/movies as the root folder. It can take over only what it sees below /data; bring the download client's folder there by an override where both run on one machine."

  service "web" {
    image = "lscr.io/linuxserver/radarr:6.3.0"
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
      port   = 7878
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
