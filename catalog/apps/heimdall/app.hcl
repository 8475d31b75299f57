app "heimdall" {
  title         = "Heimdall"
  tagline       = "A wall of buttons for everything that you run"
  description   = "Colourful tiles that lead to your apps, sites and machines, some with a figure or two on them, and a search box above."
  category      = "tools"
  version       = "2.8.2"
  website       = "https://heimdall.site"
  source        = "https://github.com/linuxserver/Heimdall"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 192
  min_disk      = 256
  notes         = "It asks nobody to sign in at first, so its front door lets only your home network pass. Users with passwords can be made on its Users page."

  service "web" {
    image = "lscr.io/linuxserver/heimdall:2.8.2"
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
    expose "web" {
      port   = 80
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 384
    }
  }
}
