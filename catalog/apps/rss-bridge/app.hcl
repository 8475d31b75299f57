app "rss-bridge" {
  title         = "RSS-Bridge"
  tagline       = "Makes feeds where there are none"
  description   = "Hundreds of sites without feeds, as feeds for the reader that you like, in a small program that needs no database."
  category      = "automation"
  version       = "2025-08-05"
  website       = "https://rss-bridge.org"
  source        = "https://github.com/RSS-Bridge/rss-bridge"
  license       = "Unlicense"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "feeds"
  min_memory    = 128
  min_disk      = 128
  notes         = "It asks for the name feeds and the password that was made for you; give both to your reader with the feed's address."

  secret "password" {
    title  = "Password of the user feeds"
    reveal = true
  }

  service "web" {
    image = "docker.io/rssbridge/rss-bridge:2025-08-05"
    env = {
      RSSBRIDGE_authentication_enable   = "true"
      RSSBRIDGE_authentication_username = "feeds"
      RSSBRIDGE_authentication_password = secret.password
      RSSBRIDGE_system_timezone         = pool.timezone
    }
    expose "web" {
      port   = 80
      access = "app"
      health {}
    }
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 256
    }
  }
}
