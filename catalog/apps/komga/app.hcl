app "komga" {
  title         = "Komga"
  tagline       = "A library for comics, manga and magazines"
  description   = "Serves your comics and magazines to the browser, to e-readers and to reading apps, with collections, reading lists and a page that remembers you."
  category      = "reading"
  version       = "1.26.3"
  website       = "https://komga.org"
  source        = "https://github.com/gotson/komga"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the administrator's account. Put your comics into the folder \"web/library\" that this app's status names, one folder for each series, and add /data as a library."

  service "web" {
    image = "ghcr.io/gotson/komga:1.26.3"
    user  = "1000:1000"
    env = {
      JAVA_TOOL_OPTIONS = "-Xmx1g"
      TZ                = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "library" {
      path  = "/data"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 25600
      access = "app"
      health {
        path     = "/actuator/health"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 768
      memory_max = 1792
    }
  }
}
