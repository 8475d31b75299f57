app "bazarr" {
  title         = "Bazarr"
  tagline       = "Subtitles for everything that Sonarr and Radarr file"
  description   = "Looks at what your media folders hold, finds the subtitles that are missing in your languages, and replaces poor ones when better ones turn up."
  category      = "media"
  version       = "1.6.0"
  website       = "https://www.bazarr.media"
  source        = "https://github.com/morpheus65535/bazarr"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Set a name and a password under Settings, General. Then choose languages and providers, and connect Sonarr and Radarr by the addresses that your cloud gave them. It must see the same files as they do, below /data: bring their folder there by an override where they run on one machine."

  service "web" {
    image = "lscr.io/linuxserver/bazarr:1.6.0"
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
      port   = 6767
      access = "private"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:6767/"] }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }
}
