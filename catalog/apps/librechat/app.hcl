app "librechat" {
  title         = "LibreChat"
  tagline       = "One chat for all the models that you use"
  description   = "Talk to models of many makers on one page, switch between them within a talk, search what was said, and share assistants with others. Everybody may bring a key of their own."
  category      = "ai"
  version       = "0.8.7"
  website       = "https://www.librechat.ai"
  source        = "https://github.com/danny-avila/LibreChat"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Make your account on the first page; the first one administers it. When everybody has one, turn registration off (dcloud app config librechat --set registration=false). Only your home network passes its front door until you open it to others. MongoDB needs a processor with AVX."

  setting "registration" {
    title   = "Let people make accounts"
    type    = "bool"
    default = true
  }
  setting "openai_api_key" {
    title    = "Key for OpenAI, for everybody"
    type     = "password"
    advanced = true
  }
  setting "share_openai_key" {
    title    = "Use that key for everybody"
    help     = "Off, everybody who wants OpenAI's models brings a key of their own."
    type     = "bool"
    default  = false
    advanced = true
  }
  secret "creds_key" {
    bytes   = 32
    charset = "hex"
  }
  secret "creds_iv" {
    bytes   = 16
    charset = "hex"
  }
  secret "jwt_secret" { length = 64 }
  secret "refresh_secret" { length = 64 }
  secret "search_key" {}

  service "web" {
    image = "ghcr.io/danny-avila/librechat:v0.8.7"
    after = ["mongo", "search"]
    env = {
      ALLOW_EMAIL_LOGIN            = "true"
      ALLOW_REGISTRATION           = setting.registration ? "true" : "false"
      ALLOW_SOCIAL_LOGIN           = "false"
      ALLOW_UNVERIFIED_EMAIL_LOGIN = "true"
      ANTHROPIC_API_KEY            = "user_provided"
      CREDS_KEY                    = secret.creds_key
      CREDS_IV                     = secret.creds_iv
      DOMAIN_CLIENT                = app.url
      DOMAIN_SERVER                = app.url
      GOOGLE_KEY                   = "user_provided"
      HOST                         = "0.0.0.0"
      PORT                         = "3080"
      JWT_SECRET                   = secret.jwt_secret
      JWT_REFRESH_SECRET           = secret.refresh_secret
      MEILI_HOST                   = "http://${service.search.host}:${service.search.port}"
      MEILI_MASTER_KEY             = secret.search_key
      MEILI_NO_ANALYTICS           = "true"
      MONGO_URI                    = "mongodb://${service.mongo.host}:${service.mongo.port}/LibreChat"
      NO_INDEX                     = "true"
      OPENAI_API_KEY               = setting.share_openai_key ? setting.openai_api_key : "user_provided"
      SEARCH                       = "true"
      TRUST_PROXY                  = "1"
    }
    volume "images" {
      path  = "/app/client/public/images"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "uploads" {
      path  = "/app/uploads"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "logs" {
      path  = "/app/api/logs"
      owner = "1000:1000"
      kind  = "cache"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 3080
      access = "private"
      health { path = "/health" }
    }
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "search" {
    image = "docker.io/getmeili/meilisearch:v1.12.3"
    port  = 7700
    env = {
      MEILI_ENV          = "production"
      MEILI_HTTP_ADDR    = "127.0.0.1:7700"
      MEILI_MASTER_KEY   = secret.search_key
      MEILI_NO_ANALYTICS = "true"
    }
    # It can be filled again from the database.
    volume "data" {
      path = "/meili_data"
      kind = "cache"
    }
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 768
    }
  }

  service "mongo" {
    image = "docker.io/library/mongo:8.0.10"
    port  = 27017
    volume "data" {
      path  = "/data/db"
      owner = "999:999"
      kind  = "database"
    }
    health {
      command  = ["mongosh", "--quiet", "--eval", "db.adminCommand('ping').ok"]
      interval = 60
      timeout  = 20
    }
    backup { command = ["mongodump", "--quiet", "--archive"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 1024
    }
  }
}
