app "grocy" {
  title         = "Grocy"
  tagline       = "Knows what is in your pantry"
  description   = "Keeps count of food and household things, says what runs out or goes off, writes shopping lists, and reminds of chores, batteries and whatever else has to be done in a home."
  category      = "home"
  version       = "4.6.0"
  website       = "https://grocy.info"
  source        = "https://github.com/grocy/grocy"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 256
  notes         = "Sign in as admin with the password admin and change it at once under Manage users. Apps for phones use a key that you make under Manage API keys."

  service "web" {
    image = "lscr.io/linuxserver/grocy:4.6.0"
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
    # Its first password is known to everybody; hence private. The interface for
    # apps wants a key that only its owner can make.
    expose "web" {
      port   = 80
      access = "private"
      public = ["/api"]
      health {
        path    = "/login"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 384
    }
  }
}
