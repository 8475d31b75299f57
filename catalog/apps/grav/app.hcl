app "grav" {
  title         = "Grav"
  tagline       = "A fast website from plain text files"
  description   = "Pages are files in Markdown, there is no database, and a page for editing is there when you want one. Themes and plugins are a click away."
  category      = "web"
  version       = "2.0.19"
  website       = "https://getgrav.org"
  source        = "https://github.com/getgrav/grav"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Open /admin right away: the first visitor makes the administrator's account."

  service "web" {
    image = "lscr.io/linuxserver/grav:2.0.19"
    env = {
      PUID = "1000"
      PGID = "1000"
      TZ   = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {}
    }
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 256
    }
  }
}
