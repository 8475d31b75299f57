app "pingvin-share" {
  title         = "Pingvin Share"
  tagline       = "Send large files by a link that expires"
  description   = "Drop files, get a link, and say how long it lives, how often it may be used and with which password. Others can send files to you the same way. This is Pingvin Share X, which carries the original on."
  category      = "files"
  version       = "1.22.1"
  website       = "https://github.com/smp46/pingvin-share-x"
  source        = "https://github.com/smp46/pingvin-share-x"
  license       = "BSD-2-Clause"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "The first account that is made is the administrator's. Under Administration, Configuration, enter this app's address, close registration if you like, and set up mail. Only your home network passes its front door until you open it to others."

  service "web" {
    image = "ghcr.io/smp46/pingvin-share-x:v1.22.1"
    env = {
      PGID        = "1000"
      PUID        = "1000"
      TRUST_PROXY = "true"
      TZ          = pool.timezone
    }
    volume "data" {
      path  = "/opt/app/backend/data"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "images" {
      path  = "/opt/app/frontend/public/img"
      owner = "1000:1000"
      kind  = "data"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health {
        path    = "/api/health"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }
}
