app "babybuddy" {
  title         = "Baby Buddy"
  tagline       = "A diary of a baby's day and night"
  description   = "Write down feeding, sleep, nappies and weight with one hand, and see what it adds up to. For parents, grandparents and whoever is awake."
  category      = "health"
  version       = "2.8.0"
  website       = "https://docs.baby-buddy.net"
  source        = "https://github.com/babybuddy/babybuddy"
  license       = "BSD-2-Clause"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 384
  min_disk      = 256
  notes         = "Sign in as admin with the password admin and change it at once under your name, Password."

  secret "secret_key" { length = 50 }

  service "web" {
    image = "lscr.io/linuxserver/babybuddy:2.8.0"
    env = {
      ALLOWED_HOSTS           = "*"
      CSRF_TRUSTED_ORIGINS    = app.url
      PGID                    = "1000"
      PUID                    = "1000"
      SECRET_KEY              = secret.secret_key
      SECURE_PROXY_SSL_HEADER = "True"
      TZ                      = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    # Its first password is known to everybody; hence private. The interface for
    # apps wants a key that only its owner can make.
    expose "web" {
      port   = 8000
      access = "private"
      public = ["/api"]
      health {
        path    = "/login/"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }
}
