app "chroma" {
  title         = "Chroma"
  tagline       = "A memory for assistants"
  description   = "Stores texts and what a model makes of them, and gives back what comes closest to a question. Programs in Python and JavaScript know it."
  category      = "search"
  version       = "1.5.8"
  website       = "https://www.trychroma.com"
  source        = "https://github.com/chroma-core/chroma"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "It shows no pages and asks nobody to sign in, so its front door lets only your home network pass."

  service "web" {
    image = "docker.io/chromadb/chroma:1.5.8"
    env = {
      ANONYMIZED_TELEMETRY = "FALSE"
    }
    volume "data" {
      path = "/data"
      kind = "database"
    }
    expose "web" {
      port   = 8000
      access = "private"
      health { path = "/api/v2/heartbeat" }
    }
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 1536
    }
  }
}
