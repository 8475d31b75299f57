app "nzbget" {
  title         = "NZBGet"
  tagline       = "Usenet downloads, light and fast"
  description   = "Fetches, repairs and unpacks what you choose from Usenet with hardly any memory, so that also a small board can fill a fast line."
  category      = "media"
  version       = "26.1"
  website       = "https://nzbget.com"
  source        = "https://github.com/nzbgetcom/nzbget"
  license       = "GPL-2.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "nzbget"
  min_memory    = 256
  min_disk      = 4096
  notes         = "Sign in as nzbget with the password that was made for you, then enter your Usenet provider under Settings, News-Servers. Downloads lie in the folder \"web/downloads\" that this app's status names."

  secret "password" {
    title  = "Password of the user nzbget"
    reveal = true
  }

  service "web" {
    image = "lscr.io/linuxserver/nzbget:26.1.20260522"
    env = {
      NZBGET_PASS = secret.password
      NZBGET_USER = "nzbget"
      PGID        = "1000"
      PUID        = "1000"
      TZ          = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "downloads" {
      path  = "/downloads"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 6789
      access = "app"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:6789/"] }
    stop_timeout = 60
    resources {
      cpu        = 300
      memory     = 96
      memory_max = 768
    }
  }
}
