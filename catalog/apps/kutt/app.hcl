app "kutt" {
  title         = "Kutt"
  tagline       = "Short links with figures"
  description   = "Shorten addresses under your own name, give them an end or a password, and see how often and from where they are followed."
  category      = "tools"
  version       = "3.2.3"
  website       = "https://kutt.it"
  source        = "https://github.com/thedevs-network/kutt"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 256
  notes         = "Open it right away: the first visitor makes the administrator's account. Links are open to everybody; making them is not."

  secret "jwt_secret" { length = 64 }

  service "web" {
    image = "docker.io/kutt/kutt:v3.2.3"
    env = {
      CUSTOM_DOMAIN_USE_HTTPS  = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      DB_CLIENT                = "better-sqlite3"
      DB_FILENAME              = "/var/lib/kutt/data.sqlite"
      DEFAULT_DOMAIN           = trimprefix(trimprefix(app.url, "https://"), "http://")
      DISALLOW_ANONYMOUS_LINKS = "true"
      DISALLOW_REGISTRATION    = "true"
      JWT_SECRET               = secret.jwt_secret
      PORT                     = "3000"
      SITE_NAME                = "Kutt"
      TRUST_PROXY              = "true"
    }
    volume "data" {
      path = "/var/lib/kutt"
      kind = "database"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/api/v2/health" }
    }
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
