app "pairdrop" {
  title         = "PairDrop"
  tagline       = "Hand files from one device to the next"
  description   = "Open it on two devices in the same network, and each sees the other: tap, choose a file, done. The files go straight from one to the other."
  category      = "tools"
  version       = "1.11.2"
  website       = "https://pairdrop.net"
  source        = "https://github.com/schlagmichdoch/PairDrop"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 64

  service "web" {
    image = "lscr.io/linuxserver/pairdrop:1.11.2"
    env = {
      PGID        = "1000"
      PUID        = "1000"
      RATE_LIMIT  = "false"
      TZ          = pool.timezone
      WS_FALLBACK = "false"
    }
    expose "web" {
      port   = 3000
      access = "members"
      health { path = "/" }
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 256
    }
  }
}
