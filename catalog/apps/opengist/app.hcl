app "opengist" {
  title         = "Opengist"
  tagline       = "Snippets with a history"
  description   = "Keep pieces of code, notes and configuration as small Git repositories: public, unlisted or private, with search, likes and a view for every language."
  category      = "development"
  version       = "1.15.1"
  website       = "https://opengist.io"
  source        = "https://github.com/thomiceli/opengist"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 256
  notes         = "The first account that is made administers it. Close registration under Admin, Configuration. Only your home network passes its front door until you open it to others."

  secret "secret_key" { length = 64 }

  service "web" {
    image = "ghcr.io/thomiceli/opengist:1.15.1"
    env = {
      GID                = "1000"
      UID                = "1000"
      OG_EXTERNAL_URL    = app.url
      OG_SECRET_KEY      = secret.secret_key
      OG_SSH_GIT_ENABLED = "false"
    }
    volume "data" {
      path  = "/opengist"
      owner = "1000:1000"
      kind  = "database"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 6157
      access = "private"
      health { path = "/healthcheck" }
    }
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 384
    }
  }
}
