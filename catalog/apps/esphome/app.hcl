app "esphome" {
  title         = "ESPHome"
  tagline       = "Build your own sensors and switches"
  description   = "Describe in a few lines what a little ESP board should do, and it makes the program and sends it to the board over Wi-Fi. Home Assistant finds the result by itself."
  category      = "home"
  version       = "2026.8.0"
  website       = "https://esphome.io"
  source        = "https://github.com/esphome/esphome"
  license       = "MIT AND GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 4096
  notes         = "Make a device with New device. Its first program goes over the browser by USB, which needs an https address; later ones go over Wi-Fi. Give devices fixed addresses (manual_ip), since they are not found by announcements here."

  service "web" {
    image = "ghcr.io/esphome/esphome:2026.8.0"
    env = {
      # Announcements of devices do not reach a container; asking them does.
      ESPHOME_DASHBOARD_USE_PING = "true"
      TZ                         = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "0:0"
      kind  = "data"
    }
    # It knows no accounts.
    expose "web" {
      port   = 6052
      access = "private"
      health {
        path    = "/"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 300
      memory     = 192
      memory_max = 2048
    }
  }
}
