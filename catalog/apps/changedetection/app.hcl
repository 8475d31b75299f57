app "changedetection" {
  title         = "changedetection.io"
  tagline       = "Tells you when a page changes"
  description   = "Watch a price, a notice, a course or a law: it looks at the pages that you name, shows what is new word by word, and writes to you."
  category      = "monitoring"
  version       = "0.55.8"
  website       = "https://changedetection.io"
  source        = "https://github.com/dgtlmoon/changedetection.io"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 384
  min_disk      = 512
  notes         = "It asks nobody to sign in until you set a password under Settings; its front door lets only your home network pass."

  service "web" {
    image = "ghcr.io/dgtlmoon/changedetection.io:0.55.8"
    env = {
      BASE_URL              = app.url
      DISABLE_VERSION_CHECK = "true"
      HIDE_REFERER          = "true"
      TZ                    = pool.timezone
      USE_X_SETTINGS        = "1"
    }
    volume "data" {
      path = "/datastore"
      kind = "data"
    }
    expose "web" {
      port   = 5000
      access = "private"
      health { path = "/" }
    }
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 768
    }
  }
}
