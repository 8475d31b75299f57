app "meilisearch" {
  title         = "Meilisearch"
  tagline       = "Search that keeps up with your typing"
  description   = "Give it your documents and it finds them while people still type, forgiving their slips. Made for shops, sites and apps that need a good search box."
  category      = "search"
  version       = "1.35.1"
  website       = "https://www.meilisearch.com"
  source        = "https://github.com/meilisearch/meilisearch"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "Programs use the master key that was made for you to make keys of their own, at /keys. Without a key it answers nobody."

  secret "master_key" {
    title  = "Master key"
    reveal = true
  }

  service "web" {
    image = "docker.io/getmeili/meilisearch:v1.35.1"
    env = {
      MEILI_DB_PATH      = "/meili_data/data.ms"
      MEILI_DUMP_DIR     = "/meili_data/dumps"
      MEILI_ENV          = "production"
      MEILI_HTTP_ADDR    = "0.0.0.0:7700"
      MEILI_MASTER_KEY   = secret.master_key
      MEILI_NO_ANALYTICS = "true"
    }
    volume "data" {
      path = "/meili_data"
      kind = "database"
    }
    expose "web" {
      port   = 7700
      access = "app"
      health { path = "/health" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1536
    }
  }
}
