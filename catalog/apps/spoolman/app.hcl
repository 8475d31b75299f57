app "spoolman" {
  title         = "Spoolman"
  tagline       = "Knows how much filament is left on which spool"
  description   = "Keeps count of the spools of your 3D printers: makers, colours, weight, where they are, with labels to print and a link to OctoPrint, Klipper and Home Assistant."
  category      = "home"
  version       = "0.26.1"
  website       = "https://github.com/Donkie/Spoolman"
  source        = "https://github.com/Donkie/Spoolman"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 192
  min_disk      = 256
  notes         = "Add a manufacturer, a filament and a spool. Printers reach it at this app's address from your home network."

  service "web" {
    image = "ghcr.io/donkie/spoolman:0.26.1"
    env = {
      SPOOLMAN_DB_TYPE = "sqlite"
      TZ               = pool.timezone
    }
    volume "data" {
      path  = "/home/app/.local/share/spoolman"
      owner = "1000:1000"
      kind  = "database"
    }
    # It knows no accounts.
    expose "web" {
      port   = 8000
      access = "private"
      health { path = "/api/v1/health" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 256
    }
  }
}
