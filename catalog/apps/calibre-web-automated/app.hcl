app "calibre-web-automated" {
  title         = "Calibre-Web Automated"
  tagline       = "Drop an e-book, find it on the shelf"
  description   = "Calibre-Web with Calibre inside: it takes in what you drop into a folder, converts it, mends covers and descriptions, and sends it to Kindles and Kobos by itself."
  category      = "reading"
  version       = "4.0.6"
  website       = "https://github.com/crocodilestick/Calibre-Web-Automated"
  source        = "https://github.com/crocodilestick/Calibre-Web-Automated"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 1024
  min_disk      = 4096
  notes         = "Sign in as admin with the password admin123 and change that password at once under your name. Drop books into the folder \"web/ingest\" that this app's status names; they move into \"web/library\"."

  service "web" {
    image = "docker.io/crocodilestick/calibre-web-automated:v4.0.6"
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
    volume "ingest" {
      path  = "/cwa-book-ingest"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    volume "library" {
      path  = "/calibre-library"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # Its first password is known to everybody; hence private.
    expose "web" {
      port   = 8083
      access = "private"
      health {
        path    = "/login"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1536
    }
  }
}
