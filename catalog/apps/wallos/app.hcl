app "wallos" {
  title         = "Wallos"
  tagline       = "What your subscriptions cost you"
  description   = "All that is paid each month or year on one page, in your currency, with a word before it is taken again."
  category      = "finance"
  version       = "5.4.4"
  website       = "https://wallosapp.com"
  source        = "https://github.com/ellite/Wallos"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 128
  min_disk      = 256
  notes         = "The first visitor makes the account, and nobody else can until you allow it. Only your home network passes its front door until you open it to others."

  service "web" {
    image = "docker.io/bellamy/wallos:5.4.4"
    env = {
      TZ = pool.timezone
    }
    volume "db" {
      path  = "/var/www/html/db"
      owner = "82:82"
      kind  = "database"
    }
    volume "logos" {
      path  = "/var/www/html/images/uploads/logos"
      owner = "82:82"
      mode  = "0755"
      kind  = "data"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 80
      access = "private"
      health { path = "/health.php" }
    }
    resources {
      cpu        = 100
      memory     = 64
      memory_max = 256
    }
  }
}
