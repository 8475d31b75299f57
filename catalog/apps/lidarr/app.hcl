app "lidarr" {
  title         = "Lidarr"
  tagline       = "Completes your music collection"
  description   = "Follows the artists that you like, fetches new albums through your download client, and tags and files them."
  category      = "media"
  version       = "3.1.0"
  website       = "https://lidarr.audio"
  source        = "https://github.com/Lidarr/Lidarr"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 1024
  notes         = "At the first visit it asks for a name and a password; choose Forms as the method. Add Prowlarr or an indexer, then a download client, by the addresses that your cloud gave them. Everything that it files lies in the folder \"web/data\" that this app's status names: choose /data/music as the root folder. It can take over only what it sees below /data; bring the download client's folder there by an override where both run on one machine."

  service "web" {
    image = "lscr.io/linuxserver/lidarr:3.1.0"
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
      port   = 8686
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
