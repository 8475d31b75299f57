app "typesense" {
  title         = "Typesense"
  tagline       = "A fast search engine for your apps"
  description   = "Full text search with filters, facets and places that answers within milliseconds, kept in memory and simple to ask."
  category      = "search"
  version       = "29.0"
  website       = "https://typesense.org"
  source        = "https://github.com/typesense/typesense"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "Programs use the key that was made for you in the header X-TYPESENSE-API-KEY; make them lesser ones with it at /keys."

  secret "api_key" {
    title  = "Administrator's key"
    reveal = true
  }

  service "web" {
    image = "docker.io/typesense/typesense:29.0"
    env = {
      TYPESENSE_API_KEY     = secret.api_key
      TYPESENSE_DATA_DIR    = "/data"
      TYPESENSE_ENABLE_CORS = "true"
    }
    volume "data" {
      path = "/data"
      kind = "database"
    }
    expose "web" {
      port   = 8108
      access = "app"
      health { path = "/health" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 2048
    }
  }
}
