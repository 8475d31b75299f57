app "litellm" {
  title         = "LiteLLM"
  tagline       = "One door to all language models"
  description   = "Programs ask it in one way, it asks the models of a hundred makers in theirs. Give out keys with budgets, see who spends what, and fall back to another model when one is down."
  category      = "ai"
  version       = "1.96.2"
  website       = "https://www.litellm.ai"
  source        = "https://github.com/BerriAI/litellm"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 2048
  min_disk      = 1024
  notes         = "Sign in at /ui as admin with the password that was made for you, and add your models there. Programs use keys that you make on that page; the master key is sk- followed by the key that was made for you."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "master_key" {
    title  = "Master key, to be written after sk-"
    reveal = true
  }
  secret "salt_key" {}
  secret "db_password" {}

  service "web" {
    image = "ghcr.io/berriai/litellm-database:v1.96.2"
    after = ["db"]
    env = {
      DATABASE_URL       = "postgresql://litellm:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/litellm"
      LITELLM_MASTER_KEY = "sk-${secret.master_key}"
      LITELLM_SALT_KEY   = "sk-${secret.salt_key}"
      LITELLM_TELEMETRY  = "False"
      PROXY_BASE_URL     = app.url
      STORE_MODEL_IN_DB  = "True"
      UI_USERNAME        = "admin"
      UI_PASSWORD        = secret.admin_password
    }
    expose "web" {
      port   = 4000
      access = "app"
      health { path = "/health/liveliness" }
    }
    resources {
      cpu        = 300
      memory     = 1024
      memory_max = 2048
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "litellm"
      POSTGRES_DB       = "litellm"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "litellm"] }
    backup { command = ["pg_dump", "-U", "litellm", "litellm"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
