app "pgweb" {
  title         = "pgweb"
  tagline       = "A quick look into PostgreSQL"
  description   = "Browse tables, run queries and take the answers along as CSV or JSON. It is one small program that keeps nothing."
  category      = "development"
  version       = "0.17.0"
  website       = "https://sosedoff.github.io/pgweb/"
  source        = "https://github.com/sosedoff/pgweb"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 64
  notes         = "Give it the address, name and password of a PostgreSQL server that your machine can reach."

  service "web" {
    image   = "docker.io/sosedoff/pgweb:0.17.0"
    command = ["--sessions"]
    expose "web" {
      port   = 8081
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 256
    }
  }
}
