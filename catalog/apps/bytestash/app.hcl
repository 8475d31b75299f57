app "bytestash" {
  title         = "ByteStash"
  tagline       = "A stash for code snippets"
  description   = "Write down the commands and functions that you always look up again, sort them by category, and find them in a moment."
  category      = "development"
  version       = "1.5.6"
  website       = "https://github.com/jordan-dalby/ByteStash"
  source        = "https://github.com/jordan-dalby/ByteStash"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 192
  min_disk      = 256
  notes         = "Make your account on the first page. When everybody has one, turn registration off (dcloud app config bytestash --set registration=false). Only your home network passes its front door until you open it to others."

  setting "registration" {
    title   = "Let people make accounts"
    type    = "bool"
    default = true
  }
  secret "jwt_secret" { length = 64 }

  service "web" {
    image = "ghcr.io/jordan-dalby/bytestash:1.5.6"
    env = {
      ALLOW_NEW_ACCOUNTS = setting.registration ? "true" : "false"
      JWT_SECRET         = secret.jwt_secret
      TOKEN_EXPIRY       = "24h"
      DEBUG              = "false"
    }
    volume "data" {
      path = "/data/snippets"
      kind = "database"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 5000
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
