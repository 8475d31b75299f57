app "campfire" {
  title         = "Campfire"
  tagline       = "A few rooms, and everybody in them"
  description   = "Group chat without clutter: rooms, direct messages, mentions, files and bots for a team or a family, in the browser and on the phone's home screen."
  category      = "communication"
  version       = "1.4.9"
  website       = "https://once.com/campfire"
  source        = "https://github.com/basecamp/once-campfire"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the administrator's account. Others join by the link that you find in its settings."

  secret "secret_key_base" {
    bytes   = 64
    charset = "hex"
  }

  service "web" {
    image = "ghcr.io/basecamp/once-campfire:1.4.9"
    env = {
      SECRET_KEY_BASE = secret.secret_key_base
      HTTP_PORT       = "8080"
      # The front door does https.
      DISABLE_SSL    = "true"
      SKIP_TELEMETRY = "true"
      TZ             = pool.timezone
    }
    volume "storage" {
      path  = "/rails/storage"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/up" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 320
      memory_max = 768
    }
  }
}
