app "cyberchef" {
  title         = "CyberChef"
  tagline       = "Take data apart, step by step"
  description   = "Decode, decrypt, unpack and convert by putting steps together to a recipe: more than three hundred of them, from Base64 to X.509. Nothing leaves your browser."
  category      = "development"
  version       = "11.4.0"
  website       = "https://gchq.github.io/CyberChef/"
  source        = "https://github.com/gchq/CyberChef"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 64
  min_disk      = 128

  service "web" {
    image = "ghcr.io/gchq/cyberchef:11.4.0"
    expose "web" {
      port   = 8080
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
