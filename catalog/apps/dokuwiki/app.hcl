app "dokuwiki" {
  title         = "DokuWiki"
  tagline       = "A wiki in plain files"
  description   = "Has been holding manuals and notes for twenty years, keeps them as text files that you can read without it, and asks for no database. Hundreds of plugins add what is missing."
  category      = "notes"
  version       = "2024-02-06b"
  website       = "https://www.dokuwiki.org"
  source        = "https://github.com/dokuwiki/dokuwiki"
  license       = "GPL-2.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Open /install.php behind this app's address: there you make the superuser's account and say who may read. Restart the app afterwards (dcloud app restart dokuwiki); that takes the installer away. Only your home network passes its front door until you open it to others."

  service "web" {
    image = "lscr.io/linuxserver/dokuwiki:2024-02-06b-ls250"
    env = {
      PGID = "1000"
      PUID = "1000"
      TZ   = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    # Until it is set up, everybody may write, and whoever comes first is its owner; hence private.
    expose "web" {
      port   = 80
      access = "private"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:80/"] }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 384
    }
  }
}
