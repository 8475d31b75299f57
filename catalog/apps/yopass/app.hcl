app "yopass" {
  title         = "Yopass"
  tagline       = "Send a password once, and not in the chat"
  description   = "Write a secret, get a link that works once, and send that. Your browser encrypts it, and it is gone after it was read or after the time that you chose."
  category      = "tools"
  version       = "14.10.0"
  website       = "https://yopass.se"
  source        = "https://github.com/jhaals/yopass"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 64
  notes         = "Everybody who reaches this address can write secrets here, since whoever gets a link from you must be able to open it. Secrets live in memory: a restart ends them. It works only where your cloud is reached by https."

  setting "max_length" {
    title    = "Longest secret, in bytes"
    type     = "number"
    default  = 10000
    min      = 100
    max      = 1000000
    advanced = true
  }

  service "web" {
    image   = "docker.io/jhaals/yopass:14.10.0"
    after   = ["redis"]
    command = ["--database=redis", "--redis=redis://${service.redis.host}:${service.redis.port}/0", "--address=0.0.0.0", "--port=1337", "--max-length=${setting.max_length}"]
    expose "web" {
      port   = 1337
      access = "public"
      health { path = "/" }
    }
    resources {
      cpu    = 50
      memory = 32
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # What is here can be lost, so nothing goes to disk; bound to the address
    # that just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru"]
    tmpfs   = ["/data"]
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
