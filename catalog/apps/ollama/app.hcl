app "ollama" {
  title         = "Ollama"
  tagline       = "Language models behind one address"
  description   = "Fetch open language models and let your own programs ask them, over an interface that most tools know. Nothing of what you ask leaves the machine."
  category      = "ai"
  version       = "0.32.14"
  website       = "https://ollama.com"
  source        = "https://github.com/ollama/ollama"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 4096
  min_disk      = 20480
  notes         = "It shows no pages and asks nobody to sign in, so its front door lets only your home network pass. Ask it at /api, or at /v1 in OpenAI's way. For a page to chat on, install Open WebUI, which brings its own."

  setting "keep_alive" {
    title    = "How long a model stays in memory"
    type     = "string"
    default  = "5m"
    pattern  = "-1|[0-9]+[smh]"
    advanced = true
  }

  service "web" {
    image = "docker.io/ollama/ollama:0.32.14"
    env = {
      OLLAMA_HOST       = "0.0.0.0:11434"
      OLLAMA_KEEP_ALIVE = setting.keep_alive
      OLLAMA_ORIGINS    = app.url
    }
    volume "models" {
      path = "/root/.ollama"
      mode = "0755"
      kind = "cache"
    }
    expose "web" {
      port   = 11434
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 1000
      memory     = 1024
      memory_max = 16384
    }
  }
}
