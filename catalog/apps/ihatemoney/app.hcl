app "ihatemoney" {
  title         = "I Hate Money"
  tagline       = "Who paid what for whom"
  description   = "For trips, shared flats and parties: write down who paid, and it says who owes whom with the fewest payments."
  category      = "finance"
  version       = "7.2.1"
  website       = "https://ihatemoney.org"
  source        = "https://github.com/spiral-project/ihatemoney"
  license       = "BSD-3-Clause"
  architectures = ["amd64", "arm64"]
  min_memory    = 192
  min_disk      = 256
  notes         = "Make a project with a code of its own and give both to those who share it. Whoever passes its front door may make projects. Only your home network passes its front door until you open it to others."

  secret "secret_key" { length = 64 }

  service "web" {
    image = "docker.io/ihatemoney/ihatemoney:7.2.1"
    env = {
      ACTIVATE_ADMIN_DASHBOARD       = "False"
      ACTIVATE_DEMO_PROJECT          = "False"
      ALLOW_PUBLIC_PROJECT_CREATION  = "True"
      DEBUG                          = "False"
      ENABLE_CAPTCHA                 = "True"
      PORT                           = "8000"
      SECRET_KEY                     = secret.secret_key
      SESSION_COOKIE_SECURE          = trimprefix(app.url, "https://") != app.url ? "True" : "False"
      SQLALCHEMY_DATABASE_URI        = "sqlite:////database/ihatemoney.db"
      SQLALCHEMY_TRACK_MODIFICATIONS = "False"
    }
    volume "database" {
      path = "/database"
      kind = "database"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 8000
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 256
    }
  }
}
