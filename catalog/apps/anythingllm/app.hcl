app "anythingllm" {
  title         = "AnythingLLM"
  tagline       = "Ask your documents"
  description   = "Give it papers, pages and notes, sorted into workspaces, and ask them questions in plain words. The model behind it may run at home or elsewhere."
  category      = "ai"
  version       = "1.16.0"
  website       = "https://anythingllm.com"
  source        = "https://github.com/Mintplex-Labs/anything-llm"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Sign in with the password that was made for you, then choose which model answers. Turn on several users under Settings, Security if others shall have accounts."

  secret "password" {
    title  = "Password"
    reveal = true
  }
  secret "jwt_secret" { length = 64 }
  secret "sig_key" { length = 64 }
  secret "sig_salt" { length = 64 }

  service "web" {
    image = "docker.io/mintplexlabs/anythingllm:1.16.0"
    # What is set on its pages, it writes to this file; it must outlive the container.
    entrypoint = ["/bin/bash", "-ec"]
    command = [<<-EOT
      touch /app/server/storage/.env
      ln -sf /app/server/storage/.env /app/server/.env
      exec /usr/local/bin/docker-entrypoint.sh
    EOT
    ]
    env = {
      AUTH_TOKEN        = secret.password
      DISABLE_TELEMETRY = "true"
      JWT_SECRET        = secret.jwt_secret
      SERVER_PORT       = "3001"
      SIG_KEY           = secret.sig_key
      SIG_SALT          = secret.sig_salt
      STORAGE_DIR       = "/app/server/storage"
    }
    volume "storage" {
      path  = "/app/server/storage"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 3001
      access = "app"
      health { path = "/api/ping" }
    }
    resources {
      cpu        = 300
      memory     = 768
      memory_max = 3072
    }
  }
}
