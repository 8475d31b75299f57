app "plex" {
  title         = "Plex"
  tagline       = "Your films, series and music, with apps for everything"
  description   = "Sorts your media, adds covers and descriptions, and plays it on televisions, consoles, phones and in the browser. The server is yours; signing in goes through a Plex account, and some features cost money."
  category      = "media"
  version       = "1.43.3"
  website       = "https://www.plex.tv"
  license       = "LicenseRef-Plex-Terms-of-Service"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Open /web behind this app's address and sign in with your Plex account. If the server does not show up as yours, get a claim code at plex.tv/claim, give it within four minutes (dcloud app config plex --set plex_claim=…), and look again. Put your media into the folder \"web/media\" that this app's status names, then add /media as a library. For devices outside your home, enter this app's address under Settings, Network, Custom server access URLs."

  setting "plex_claim" {
    title = "Claim code"
    help  = "From plex.tv/claim, good for four minutes. Ties the server to your Plex account; used at the first start only."
    type  = "password"
  }

  service "web" {
    image = "lscr.io/linuxserver/plex:1.43.3"
    env = {
      PGID       = "1000"
      PLEX_CLAIM = setting.plex_claim
      PUID       = "1000"
      TZ         = pool.timezone
      # An image is replaced, not updated from within.
      VERSION = "docker"
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
    # A server that nobody has claimed trusts its home network, and every visitor
    # comes from the door; hence private. Plex apps take the port below.
    expose "web" {
      port   = 32400
      access = "private"
      health {
        path    = "/identity"
        timeout = 10
      }
    }
    port "apps" {
      port  = 32400
      title = "Plex apps in your home"
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 3072
    }
  }
}
