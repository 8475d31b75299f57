app "kavita" {
  title         = "Kavita"
  tagline       = "Read comics, manga and books in the browser"
  description   = "A reading room for your own comics, manga and e-books, with readers made for each kind, bookmarks and progress for everybody in the house."
  category      = "reading"
  version       = "0.9.0.2"
  website       = "https://www.kavitareader.com"
  source        = "https://github.com/Kareadita/Kavita"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the administrator's account. Put your books into the folder \"web/library\" that this app's status names, in folders by kind and series, and add them below /library."

  service "web" {
    image = "docker.io/jvmilazz0/kavita:0.9.0.2"
    env = {
      TZ = pool.timezone
    }
    volume "config" {
      path  = "/kavita/config"
      owner = "0:0"
      kind  = "database"
    }
    volume "library" {
      path  = "/library"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 5000
      access = "app"
      health {
        path    = "/api/health"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }
}
