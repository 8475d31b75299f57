app "it-tools" {
  title         = "IT Tools"
  tagline       = "A drawer of small tools for people who program"
  description   = "Make tokens and QR codes, format JSON and SQL, convert times, colours and bases, compute hashes and subnets. Everything happens in your browser."
  category      = "development"
  version       = "2024.10.22"
  website       = "https://it-tools.tech"
  source        = "https://github.com/CorentinTh/it-tools"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 64
  min_disk      = 64

  service "web" {
    image = "docker.io/corentinth/it-tools:2024.10.22-7ca5933"
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
