app "open-webui" {
  title         = "Open WebUI"
  tagline       = "Talk to language models on your own machine"
  description   = "A place to chat with models, show them your documents, let them search and paint. Ollama, which runs models on your machine, comes along; services elsewhere can be added."
  category      = "ai"
  version       = "0.11.0"
  website       = "https://openwebui.com"
  source        = "https://github.com/open-webui/open-webui"
  license       = "LicenseRef-Open-WebUI"
  architectures = ["amd64", "arm64"]
  min_memory    = 6144
  min_disk      = 20480
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you. Then fetch a model under Admin, Settings, Models: a small one as llama3.2:3b answers on most machines."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    type     = "email"
    required = true
  }
  setting "openai_api_key" {
    title    = "Key for OpenAI or what speaks like it"
    help     = "Only if you also want models that run elsewhere."
    type     = "password"
    advanced = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "secret_key" { length = 64 }

  service "web" {
    image = "ghcr.io/open-webui/open-webui:v0.11.0"
    after = ["ollama"]
    env = {
      ANONYMIZED_TELEMETRY = "false"
      CORS_ALLOW_ORIGIN    = app.url
      DO_NOT_TRACK         = "true"
      ENABLE_SIGNUP        = "false"
      OLLAMA_BASE_URL      = "http://${service.ollama.host}:${service.ollama.port}"
      OPENAI_API_KEY       = setting.openai_api_key
      SCARF_NO_ANALYTICS   = "true"
      WEBUI_ADMIN_EMAIL    = setting.admin_email
      WEBUI_ADMIN_NAME     = "Administrator"
      WEBUI_ADMIN_PASSWORD = secret.admin_password
      WEBUI_SECRET_KEY     = secret.secret_key
      WEBUI_URL            = app.url
    }
    volume "data" {
      path = "/app/backend/data"
      kind = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health {
        path    = "/health"
        timeout = 10
      }
    }
    resources {
      cpu        = 300
      memory     = 1024
      memory_max = 3072
    }
  }

  service "ollama" {
    image = "docker.io/ollama/ollama:0.32.14"
    port  = 11434
    env = {
      OLLAMA_HOST = "127.0.0.1:11434"
    }
    volume "models" {
      path = "/root/.ollama"
      mode = "0755"
      kind = "cache"
    }
    health { command = ["ollama", "list"] }
    resources {
      cpu        = 1000
      memory     = 1024
      memory_max = 16384
    }
  }
}
