app "homarr" {
  title         = "Homarr"
  tagline       = "A start page that you arrange with the mouse"
  description   = "Drag links, calendars, downloads and the state of your services onto boards, one for you and others for your family, and search all of it at once."
  category      = "tools"
  version       = "1.75.0"
  website       = "https://homarr.dev"
  source        = "https://github.com/homarr-labs/homarr"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 256
  notes         = "The first visitor is led through making the administrator's account. Only your home network passes its front door until you open it to others."

  secret "encryption_key" {
    bytes   = 32
    charset = "hex"
  }

  service "web" {
    image = "ghcr.io/homarr-labs/homarr:v1.75.0"
    env = {
      SECRET_ENCRYPTION_KEY = secret.encryption_key
      TZ                    = pool.timezone
    }
    volume "data" {
      path = "/appdata"
      kind = "database"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 7575
      access = "private"
      health { path = "/api/health/live" }
    }
    resources {
      cpu        = 100
      memory     = 384
      memory_max = 1024
    }
  }
}
