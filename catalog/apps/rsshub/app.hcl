app "rsshub" {
  title         = "RSSHub"
  tagline       = "Feeds for pages that have none"
  description   = "Makes feeds of thousands of sites that stopped giving them: channels, shops, newspapers, timelines. Follow them in the reader that you like."
  category      = "automation"
  version       = "2026-04-17"
  website       = "https://docs.rsshub.app"
  source        = "https://github.com/DIYgod/RSSHub"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Put ?key= and the key that was made for you behind every address, so that nobody else feeds on your machine."

  secret "access_key" {
    title  = "Key"
    reveal = true
  }

  service "web" {
    image = "docker.io/diygod/rsshub:2026-04-17"
    after = ["redis"]
    env = {
      ACCESS_KEY = secret.access_key
      CACHE_TYPE = "redis"
      NODE_ENV   = "production"
      REDIS_URL  = "redis://${service.redis.host}:${service.redis.port}/"
    }
    expose "web" {
      port   = 1200
      access = "app"
      health { path = "/" }
    }
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }

  service "redis" {
    image   = "docker.io/library/redis:8.2.2-alpine"
    port    = 6379
    command = ["redis-server", "--save", "", "--appendonly", "no"]
    health { command = ["redis-cli", "ping"] }

    resources {
      cpu        = 50
      memory     = 32
      memory_max = 256
    }
  }
}
