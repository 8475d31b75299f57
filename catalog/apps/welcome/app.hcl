app "welcome" {
  title         = "Welcome"
  tagline       = "A first page that shows your cloud works"
  description   = "One small page of your own, served by your cloud itself. It tells that the machine, the front door and the name all work, and where to go next. Nothing is downloaded for it, and nothing is kept."
  category      = "start"
  version       = "1"
  architectures = ["amd64", "arm64", "arm"]
  website       = "https://github.com/dentropy/dcloud"
  source        = "https://github.com/dentropy/dcloud"
  license       = "Apache-2.0"
  notes         = "Open the page in your browser. You can remove it whenever you like: no other app needs it."

  setting "headline" {
    title   = "Headline"
    help    = "The first line of the page."
    type    = "string"
    default = "Your cloud is up."
    pattern = "[^\\x00-\\x1f]{1,120}"
  }

  service "web" {
    image     = "dcloud.local/self:1"
    command   = ["internal", "welcome"]
    read_only = true
    env = {
      DCLOUD_APP_URL  = app.url
      DCLOUD_DOMAIN   = pool.domain
      DCLOUD_HEADLINE = setting.headline
    }
    expose "web" {
      port   = 8080
      access = "public"
      health { path = "/healthz" }
    }
    resources {
      cpu    = 50
      memory = 32
    }
  }
}
