app "flowise" {
  title         = "Flowise"
  tagline       = "Build assistants by drawing"
  description   = "Put models, documents, memory and tools together on a board, try the result in a chat beside it, and use it in a web page or by a request."
  category      = "ai"
  version       = "3.1.4"
  website       = "https://flowiseai.com"
  source        = "https://github.com/FlowiseAI/Flowise"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 2048
  notes         = "The first visitor makes the administrator's account. Only your home network passes its front door until you open it to others."

  secret "encryption_key" { length = 64 }
  secret "jwt_secret" { length = 64 }
  secret "refresh_secret" { length = 64 }
  secret "session_secret" { length = 64 }
  secret "token_hash_secret" { length = 64 }

  service "web" {
    image = "docker.io/flowiseai/flowise:3.1.4"
    user  = "0:0"
    env = {
      APP_URL                     = app.url
      BLOB_STORAGE_PATH           = "/root/.flowise/storage"
      DATABASE_PATH               = "/root/.flowise"
      DISABLE_FLOWISE_TELEMETRY   = "true"
      EXPRESS_SESSION_SECRET      = secret.session_secret
      FLOWISE_SECRETKEY_OVERWRITE = secret.encryption_key
      HOME                        = "/root"
      JWT_AUTH_TOKEN_SECRET       = secret.jwt_secret
      JWT_REFRESH_TOKEN_SECRET    = secret.refresh_secret
      LOG_PATH                    = "/root/.flowise/logs"
      NUMBER_OF_PROXIES           = "1"
      PORT                        = "3000"
      SECRETKEY_PATH              = "/root/.flowise"
      SECURE_COOKIES              = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      TOKEN_HASH_SECRET           = secret.token_hash_secret
    }
    volume "data" {
      path = "/root/.flowise"
      kind = "database"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health { path = "/api/v1/ping" }
    }
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 2048
    }
  }
}
