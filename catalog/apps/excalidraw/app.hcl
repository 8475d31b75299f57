app "excalidraw" {
  title         = "Excalidraw"
  tagline       = "A whiteboard that looks drawn by hand"
  description   = "Sketch plans, processes and ideas with boxes, arrows and a pen. This edition keeps your boards on your machine, several side by side, and saves as you draw."
  category      = "office"
  version       = "0.18.0"
  website       = "https://excalidraw.com"
  source        = "https://github.com/ozencb/excalidraw-persist"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 192
  min_disk      = 256
  notes         = "There are no accounts in it: whoever passes its front door sees and changes all boards."

  service "web" {
    image = "ghcr.io/ozencb/excalidraw-persist:0.18.0-persist.7"
    env = {
      DB_PATH  = "/app/data/database.sqlite"
      NODE_ENV = "production"
      PORT     = "4000"
    }
    volume "data" {
      path = "/app/data"
      kind = "database"
    }
    expose "web" {
      port   = 80
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 384
    }
  }
}
