app "drawio" {
  title         = "draw.io"
  tagline       = "Diagrams of every kind"
  description   = "Draw flow charts, networks, floor plans, UML and organisation charts from large boxes of shapes. Your drawings stay on your computer or wherever you save them."
  category      = "office"
  version       = "31.3.1"
  website       = "https://www.drawio.com"
  source        = "https://github.com/jgraph/drawio"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 128

  service "web" {
    image = "docker.io/jgraph/drawio:31.3.1"
    env = {
      DRAWIO_BASE_URL       = app.url
      DRAWIO_SELF_CONTAINED = "1"
    }
    expose "web" {
      port   = 8080
      access = "members"
      health { path = "/" }
    }
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
