app "emby" {
  title         = "Emby"
  tagline       = "A media server with fine control over who sees what"
  description   = "Plays your films, series, photos and music on televisions and phones, converts what they cannot show, and gives every member of the family a view of their own with limits for children. Some features ask for a paid Premiere key."
  category      = "media"
  version       = "4.9.5"
  website       = "https://emby.media"
  license       = "LicenseRef-Emby-Terms-of-Service"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Open it right away: the first visitor makes the administrator's account. Put your media into the folder \"web/media\" that this app's status names, then add /media as a library. Under Network, enter this app's host name as the external domain and choose that a reverse proxy does the encryption."

  service "web" {
    image = "lscr.io/linuxserver/emby:4.9.5"
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
        path    = "/emby/System/Ping"
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
