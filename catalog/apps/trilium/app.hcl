app "trilium" {
  title         = "Trilium Notes"
  tagline       = "A tree of notes that grows with you"
  description   = "Keeps thousands of notes in order: in a tree, in several places at once, with links, maps, drawings and small programs between them. Computers sync with it and keep working without a network."
  category      = "notes"
  version       = "0.105.0"
  website       = "https://triliumnotes.org"
  source        = "https://github.com/TriliumNext/Trilium"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 1024
  notes         = "Open it right away: the first visitor says whether this is a new document and chooses the password. To keep a computer in sync, install Trilium there and give it this address as the server."

  service "web" {
    image = "ghcr.io/triliumnext/trilium:v0.105.0"
    env = {
      # The door in front: without it every visitor counts as one for the limit on sign-ins.
      TRILIUM_NETWORK_TRUSTEDREVERSEPROXY = "uniquelocal"
      TZ                                  = pool.timezone
      USER_GID                            = "1000"
      USER_UID                            = "1000"
    }
    volume "data" {
      path  = "/home/node/trilium-data"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/api/health-check" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 768
    }
  }
}
