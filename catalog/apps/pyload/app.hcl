app "pyload" {
  title         = "pyLoad"
  tagline       = "Fetches files from hosters while you sleep"
  description   = "A download manager for your server: give it links, and it gets the files one after the other, with your accounts at the hosters, and unpacks them."
  category      = "media"
  version       = "0.5.0"
  website       = "https://pyload.net"
  source        = "https://github.com/pyload/pyload"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "pyload"
  min_memory    = 256
  min_disk      = 2048
  notes         = "Sign in as pyload with the password pyload and change it at once under Settings, Users. Files lie in the folder \"web/downloads\" that this app's status names."

  service "web" {
    image = "lscr.io/linuxserver/pyload-ng:0.5.0"
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
    volume "downloads" {
      path  = "/downloads"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # Its first password is known to everybody; hence private.
    expose "web" {
      port   = 8000
      access = "private"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:8000/"] }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 128
      memory_max = 512
    }
  }
}
