app "flaresolverr" {
  title         = "FlareSolverr"
  tagline       = "Gets Prowlarr and Jackett past \"checking your browser\""
  description   = "Opens a page in a real browser, waits until the check is over, and hands the result to programs that could not pass. It has no page of its own."
  category      = "media"
  version       = "3.5.0"
  website       = "https://github.com/FlareSolverr/FlareSolverr"
  source        = "https://github.com/FlareSolverr/FlareSolverr"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "In Prowlarr add it under Settings, Indexers, as an indexer proxy; in Jackett at the foot of the first page. The address is the one that your cloud gave to this app."

  service "web" {
    image = "ghcr.io/flaresolverr/flaresolverr:v3.5.0"
    env = {
      LOG_LEVEL = "info"
      PORT      = "8191"
      TZ        = pool.timezone
    }
    # Whoever reaches it may open any page from here; hence private.
    expose "web" {
      port   = 8191
      access = "private"
      health { path = "/health" }
    }
    init = true
    resources {
      cpu        = 300
      memory     = 256
      memory_max = 1536
    }
  }
}
