app "grist" {
  title         = "Grist"
  tagline       = "Tables that think along"
  description   = "A spreadsheet with the order of a database: linked tables, formulas in Python, pages with charts and cards, and rules about who may see which line."
  category      = "office"
  version       = "1.7.17"
  website       = "https://www.getgrist.com"
  source        = "https://github.com/gristlabs/grist-core"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 1024
  notes         = "It asks nobody to sign in by itself; whoever passes its front door works under the e-mail address that you gave."

  setting "email" {
    title    = "Your e-mail address"
    type     = "email"
    required = true
  }
  secret "session_secret" { length = 64 }
  secret "boot_key" {
    title  = "Key for its administration, at /admin?boot-key="
    reveal = true
  }

  service "web" {
    image = "docker.io/gristlabs/grist:1.7.17"
    env = {
      APP_HOME_URL         = app.url
      GRIST_BOOT_KEY       = secret.boot_key
      GRIST_DEFAULT_EMAIL  = setting.email
      GRIST_SESSION_SECRET = secret.session_secret
      GRIST_SINGLE_ORG     = "docs"
      PORT                 = "8484"
    }
    volume "persist" {
      path = "/persist"
      kind = "database"
    }
    expose "web" {
      port   = 8484
      access = "private"
      health { path = "/status" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1536
    }
  }
}
