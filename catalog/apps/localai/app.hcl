app "localai" {
  title         = "LocalAI"
  tagline       = "Models for text, pictures and speech at home"
  description   = "Runs open models for writing, painting, listening and speaking, and answers in OpenAI's way, so that programs made for it work with yours."
  category      = "ai"
  version       = "4.9.0"
  website       = "https://localai.io"
  source        = "https://github.com/mudler/LocalAI"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 4096
  min_disk      = 20480
  notes         = "Choose models from its gallery; they are fetched then. Its front door lets only your home network pass."

  service "web" {
    image = "docker.io/localai/localai:v4.9.0"
    env = {
      LOCALAI_BACKENDS_PATH = "/backends"
      MODELS_PATH           = "/models"
    }
    volume "models" {
      path = "/models"
      mode = "0755"
      kind = "cache"
    }
    volume "backends" {
      path = "/backends"
      mode = "0755"
      kind = "cache"
    }
    volume "data" {
      path = "/data"
      kind = "data"
    }
    volume "configuration" {
      path = "/configuration"
      kind = "data"
    }
    expose "web" {
      port   = 8080
      access = "private"
      health {
        path    = "/readyz"
        timeout = 10
      }
    }
    resources {
      cpu        = 1000
      memory     = 1024
      memory_max = 16384
    }
  }
}
