app "qdrant" {
  title         = "Qdrant"
  tagline       = "Finds what is alike"
  description   = "A database for vectors: give it what a model makes of texts or pictures, and ask for what comes closest. A page to look around in is included."
  category      = "search"
  version       = "1.18.2"
  website       = "https://qdrant.tech"
  source        = "https://github.com/qdrant/qdrant"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "The page is at /dashboard. It and your programs ask for the key that was made for you."

  secret "api_key" {
    title  = "Key"
    reveal = true
  }

  service "web" {
    image = "docker.io/qdrant/qdrant:v1.18.2"
    env = {
      QDRANT__SERVICE__API_KEY   = secret.api_key
      QDRANT__TELEMETRY_DISABLED = "true"
    }
    volume "storage" {
      path = "/qdrant/storage"
      kind = "database"
    }
    volume "snapshots" {
      path = "/qdrant/snapshots"
      kind = "data"
    }
    expose "web" {
      port   = 6333
      access = "app"
      health { path = "/healthz" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 2048
    }
  }
}
