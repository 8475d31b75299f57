app "handbrake" {
  title         = "HandBrake"
  tagline       = "Makes videos smaller, or playable"
  description   = "The well-known converter for videos, run on your server and shown in the browser; it also converts by itself what you drop into a folder."
  category      = "media"
  version       = "26.03.3"
  website       = "https://handbrake.fr"
  source        = "https://github.com/jlesage/docker-handbrake"
  license       = "GPL-2.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 10240
  notes         = "Videos that it should read lie in the folder \"web/storage\" that this app's status names, what it made in \"web/output\". Whatever you put into \"web/watch\" is converted by itself."

  service "web" {
    image = "docker.io/jlesage/handbrake:v26.03.3"
    env = {
      GROUP_ID = "1000"
      TZ       = pool.timezone
      USER_ID  = "1000"
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "storage" {
      path  = "/storage"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    volume "watch" {
      path  = "/watch"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    volume "output" {
      path  = "/output"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # It knows no accounts.
    expose "web" {
      port   = 5800
      access = "private"
      health { path = "/" }
    }
    stop_timeout = 20
    resources {
      cpu        = 1000
      memory     = 512
      memory_max = 4096
    }
  }
}
