app "wishlist" {
  title         = "Wishlist"
  tagline       = "Presents without doubles and surprises kept"
  description   = "Everybody in the family writes what they wish for; the others see who has already bought what, and the one who gets it does not."
  category      = "home"
  version       = "0.64.0"
  website       = "https://github.com/cmintey/wishlist"
  source        = "https://github.com/cmintey/wishlist"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 512
  notes         = "The first visitor makes the administrator's account. Invite the family by a link, or by mail once you have entered a mail server under Admin, and switch public sign-up off there. Only your home network passes its front door until you open it to others."

  setting "currency" {
    title   = "Currency"
    type    = "string"
    default = "EUR"
    pattern = "[A-Z]{3}"
  }

  service "web" {
    image = "ghcr.io/cmintey/wishlist:v0.64.0"
    env = {
      DEFAULT_CURRENCY = setting.currency
      LOG_LEVEL        = "info"
      ORIGIN           = app.url
      TOKEN_TIME       = "72"
      TZ               = pool.timezone
    }
    volume "data" {
      path  = "/usr/src/app/data"
      owner = "0:0"
      kind  = "database"
    }
    volume "uploads" {
      path  = "/usr/src/app/uploads"
      owner = "0:0"
      kind  = "data"
    }
    # Well when it answers at all: before the first account it sends elsewhere.
    health { command = ["node", "-e", "fetch('http://127.0.0.1:3280/').then(() => process.exit(0), () => process.exit(1))"] }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 3280
      access = "private"
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }
}
