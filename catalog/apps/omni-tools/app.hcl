app "omni-tools" {
  title         = "OmniTools"
  tagline       = "Small jobs on pictures, texts and numbers"
  description   = "Resize pictures, cut films, merge PDFs, sort lists, compute dates and more. All of it happens in your browser; no file leaves it."
  category      = "tools"
  version       = "0.6.0"
  website       = "https://omnitools.app"
  source        = "https://github.com/iib0011/omni-tools"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 64
  min_disk      = 64

  service "web" {
    image = "docker.io/iib0011/omni-tools:0.6.0"
    expose "web" {
      port   = 80
      access = "members"
      health { path = "/" }
    }
    resources {
      cpu        = 50
      memory     = 16
      memory_max = 64
    }
  }
}
