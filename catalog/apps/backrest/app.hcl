app "backrest" {
  title         = "Backrest"
  tagline       = "restic's backups, with a page to look after them"
  description   = "Plans, runs and checks encrypted backups to disks, servers and cloud storage, lets you look into each of them and brings back a file or everything, with restic underneath."
  category      = "backup"
  version       = "1.14.1"
  website       = "https://garethgeorge.github.io/backrest"
  source        = "https://github.com/garethgeorge/backrest"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "The first visit asks for a name and a password. It sees what lies in the folder \"web/userdata\" that this app's status names and brings files back to \"web/restore\"; let it see other folders of the machine by an override. Keep each repository's password in a safe place: without it the backups cannot be read."

  service "web" {
    image = "ghcr.io/garethgeorge/backrest:v1.14.1"
    env = {
      BACKREST_CONFIG         = "/config/config.json"
      BACKREST_DATA           = "/data"
      BACKREST_PORT           = "0.0.0.0:9898"
      BACKREST_RESTIC_COMMAND = "/bin/restic"
      TZ                      = pool.timezone
      XDG_CACHE_HOME          = "/cache"
    }
    volume "config" {
      path  = "/config"
      owner = "0:0"
      mode  = "0700"
      kind  = "data"
    }
    volume "data" {
      path  = "/data"
      owner = "0:0"
      kind  = "database"
    }
    volume "cache" {
      path  = "/cache"
      owner = "0:0"
      kind  = "cache"
    }
    volume "userdata" {
      path  = "/userdata"
      owner = "0:0"
      mode  = "0755"
      kind  = "media"
    }
    volume "restore" {
      path  = "/restore"
      owner = "0:0"
      mode  = "0755"
      kind  = "media"
    }
    # Open to everybody until its owner sets a password; hence private.
    expose "web" {
      port   = 9898
      access = "private"
      health {
        path    = "/"
        timeout = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 300
      memory     = 192
      memory_max = 1536
    }
  }
}
