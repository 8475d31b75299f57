app "actual-budget" {
  title         = "Actual Budget"
  tagline       = "Give every coin a job"
  description   = "Plan your month with the money that you have, write down what you spend, and see where it goes. It works without a net and brings your devices together when there is one."
  category      = "finance"
  version       = "26.8.1"
  website       = "https://actualbudget.org"
  source        = "https://github.com/actualbudget/actual"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 192
  min_disk      = 256
  notes         = "Open it right away: the first visitor sets the password. Your browser needs HTTPS for it."

  service "web" {
    image = "docker.io/actualbudget/actual-server:26.8.1"
    env = {
      ACTUAL_TRUSTED_PROXIES = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
    }
    volume "data" {
      path = "/data"
      kind = "database"
    }
    expose "web" {
      port   = 5006
      access = "app"
      health { path = "/" }
    }
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 384
    }
  }
}
