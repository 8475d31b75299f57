app "maintainerr" {
  title         = "Maintainerr"
  tagline       = "Clears out films that nobody watches"
  description   = "Finds by your rules what lies unwatched in Plex or Jellyfin, shows it as \"leaving soon\", and in the end removes it together with its entry in Radarr and Sonarr."
  category      = "media"
  version       = "3.24.0"
  website       = "https://maintainerr.info"
  source        = "https://github.com/Maintainerr/Maintainerr"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 256
  notes         = "Connect your media server and the others by the addresses that your cloud gave them, then write a first rule; nothing is removed without one."

  service "web" {
    image = "ghcr.io/maintainerr/maintainerr:3.24.0"
    user  = "1000:1000"
    env = {
      TZ = pool.timezone
    }
    volume "data" {
      path  = "/opt/data"
      owner = "1000:1000"
      kind  = "database"
    }
    # It knows no accounts, and it can delete.
    expose "web" {
      port   = 6246
      access = "private"
      health {
        path    = "/"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
