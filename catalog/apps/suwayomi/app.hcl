app "suwayomi" {
  title         = "Suwayomi"
  tagline       = "A manga reader that follows your series"
  description   = "Collects manga from many sources into one library, fetches new chapters for reading offline, and shares your place with the phone apps of the Tachiyomi family."
  category      = "reading"
  version       = "2.3.2333"
  website       = "https://github.com/Suwayomi/Suwayomi-Server"
  source        = "https://github.com/Suwayomi/Suwayomi-Server"
  license       = "MPL-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 2048
  notes         = "Add the address of a source's repository under Settings, Browse, then install sources and add series to the library."

  service "web" {
    image = "ghcr.io/suwayomi/tachidesk:v2.3.2333"
    env = {
      BIND_IP = "0.0.0.0"
      TZ      = pool.timezone
    }
    volume "data" {
      path  = "/home/suwayomi/.local/share/Tachidesk"
      owner = "1000:1000"
      kind  = "database"
    }
    # It knows no accounts.
    expose "web" {
      port   = 4567
      access = "private"
      health {}
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 448
      memory_max = 1536
    }
  }
}
