app "redis-insight" {
  title         = "Redis Insight"
  tagline       = "See what is in your Redis"
  description   = "Browse keys of every kind, watch commands as they come, find what eats the memory, and try commands with help beside them."
  category      = "development"
  version       = "3.4.2"
  website       = "https://redis.io/insight/"
  source        = "https://github.com/redis/RedisInsight"
  license       = "SSPL-1.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 256
  notes         = "Add a server by its address; it must be one that your machine can reach. It asks nobody to sign in, so its front door lets only your home network pass."

  secret "encryption_key" { length = 64 }

  service "web" {
    image = "docker.io/redis/redisinsight:3.4.2"
    env = {
      RI_APP_PORT       = "5540"
      RI_ENCRYPTION_KEY = secret.encryption_key
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 5540
      access = "private"
      health { path = "/api/health/" }
    }
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 768
    }
  }
}
