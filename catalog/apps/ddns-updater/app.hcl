app "ddns-updater" {
  title         = "DDNS Updater"
  tagline       = "Keeps your domain pointing home when your address changes"
  description   = "Most home connections get a new address now and then. It notices, and tells the company where your domain is kept; it knows more than fifty of them."
  category      = "network"
  version       = "2.10.0"
  website       = "https://github.com/qdm12/ddns-updater"
  source        = "https://github.com/qdm12/ddns-updater"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 128
  min_disk      = 64
  notes         = "Its configuration is JSON: {\"settings\": [{\"provider\": \"…\", \"domain\": \"…\", …}]}; its website says what each provider needs. The page shows what was last told to whom."

  setting "config" {
    title = "Configuration"
    help  = "On one line of JSON, as the app's website describes it for your provider. It holds the key to your domain, so nobody can read it here again."
    type  = "password"
  }
  setting "period" {
    title   = "Minutes between looks at your address"
    type    = "number"
    default = 5
    min     = 1
    max     = 1440
  }

  service "web" {
    image = "docker.io/qmcgaw/ddns-updater:v2.10.0"
    env = {
      CONFIG            = setting.config
      PERIOD            = "${setting.period}m"
      LISTENING_ADDRESS = ":8000"
      BACKUP_PERIOD     = "0"
      TZ                = pool.timezone
    }
    volume "data" {
      path  = "/updater/data"
      owner = "1000:1000"
      mode  = "0700"
    }
    expose "web" {
      port   = 8000
      access = "private"
      health {}
    }
    resources {
      cpu    = 20
      memory = 32
    }
  }
}
