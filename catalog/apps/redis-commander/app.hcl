app "redis-commander" {
  title         = "Redis Commander"
  tagline       = "Look into Redis, with a Redis of its own"
  description   = "See the keys of a Redis server as a tree, change them, and watch what happens. A server to try things on is included; connect others on the page."
  category      = "development"
  version       = "0.9.1"
  website       = "https://joeferner.github.io/redis-commander/"
  source        = "https://github.com/joeferner/redis-commander"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 256
  notes         = "Sign in as admin with the password that was made for you. Only your home network passes its front door until you open it to others."

  secret "password" {
    title  = "Password of the user admin"
    reveal = true
  }

  service "web" {
    image = "ghcr.io/joeferner/redis-commander:0.9.1"
    after = ["redis"]
    env = {
      HTTP_USER     = "admin"
      HTTP_PASSWORD = secret.password
      REDIS_HOSTS   = "local:${service.redis.host}:${service.redis.port}"
      TRUST_PROXY   = "loopback,linklocal,uniquelocal"
    }
    # What it opens is for its owner, whoever else might pass a sign-in; hence private.
    expose "web" {
      port   = 8081
      access = "private"
      health {}
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 256
    }
  }

  service "redis" {
    image   = "docker.io/library/redis:8.2.2-alpine"
    port    = 6379
    command = ["redis-server", "--appendonly", "yes"]
    volume "data" {
      path  = "/data"
      owner = "999:1000"
      kind  = "database"
    }
    health { command = ["redis-cli", "ping"] }
    backup { command = ["redis-cli", "--rdb", "-"] }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 256
    }
  }
}
