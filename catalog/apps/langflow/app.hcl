app "langflow" {
  title         = "Langflow"
  tagline       = "Assistants from building blocks"
  description   = "Put prompts, models, searches and your own Python together on a board, try them at once, and call the result from your programs."
  category      = "ai"
  version       = "1.11.4"
  website       = "https://www.langflow.org"
  source        = "https://github.com/langflow-ai/langflow"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Sign in as admin with the password that was made for you."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "secret_key" {
    bytes   = 32
    charset = "base64"
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/langflowai/langflow:1.11.4"
    user  = "1000:0"
    after = ["db"]
    env = {
      DO_NOT_TRACK                = "true"
      HOME                        = "/app/langflow"
      LANGFLOW_AUTO_LOGIN         = "false"
      LANGFLOW_CONFIG_DIR         = "/app/langflow"
      LANGFLOW_DATABASE_URL       = "postgresql://langflow:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/langflow"
      LANGFLOW_HOST               = "0.0.0.0"
      LANGFLOW_PORT               = "7860"
      LANGFLOW_NEW_USER_IS_ACTIVE = "false"
      LANGFLOW_SECRET_KEY         = secret.secret_key
      LANGFLOW_SUPERUSER          = "admin"
      LANGFLOW_SUPERUSER_PASSWORD = secret.admin_password
    }
    volume "data" {
      path  = "/app/langflow"
      owner = "1000:0"
      mode  = "0770"
      kind  = "data"
    }
    expose "web" {
      port   = 7860
      access = "app"
      health { path = "/health" }
    }
    resources {
      cpu        = 300
      memory     = 1024
      memory_max = 3072
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "langflow"
      POSTGRES_DB       = "langflow"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "langflow"] }
    backup { command = ["pg_dump", "-U", "langflow", "langflow"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
