app "kapowarr" {
  title         = "Kapowarr"
  tagline       = "Completes your collection of comics"
  description   = "Follows the volumes that you want, fetches missing issues, converts and names them, and keeps the folder in order for Kavita or Komga."
  category      = "reading"
  version       = "1.3.1"
  website       = "https://casvt.github.io/Kapowarr"
  source        = "https://github.com/Casvt/Kapowarr"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 2048
  notes         = "It wants a free key from Comic Vine under Settings, General; set a password there too. Add /comics as a root folder: it is the folder \"web/comics\" that this app's status names."

  service "web" {
    image = "docker.io/mrcas/kapowarr:v1.3.1"
    env = {
      PGID = "1000"
      PUID = "1000"
      TZ   = pool.timezone
    }
    volume "db" {
      path  = "/app/db"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "downloads" {
      path  = "/app/temp_downloads"
      owner = "1000:1000"
      kind  = "cache"
    }
    volume "comics" {
      path  = "/comics"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # Open to everybody until its owner sets a password; hence private.
    expose "web" {
      port   = 5656
      access = "private"
      health {
        path    = "/"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 160
      memory_max = 768
    }
  }
}
