app "karakeep" {
  title         = "Karakeep"
  tagline       = "Keep links, notes and pictures, and find them again"
  description   = "Throw in whatever you want to keep; it fetches title, picture and a copy of the page, searches the whole text, and can have a language model put tags on it. There are apps for phones and browsers."
  category      = "reading"
  version       = "0.33.2"
  website       = "https://karakeep.app"
  source        = "https://github.com/karakeep-app/karakeep"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 4096
  notes         = "The first account that is made is the administrator's. When everybody has theirs, turn registration off (dcloud app config karakeep --set registration=false). Only your home network passes its front door until you open it to others. Tags by themselves need a key of OpenAI or the address of a server that speaks the same language, such as Ollama."

  setting "registration" {
    title   = "Let anybody make an account"
    help    = "Needed for the first one."
    type    = "bool"
    default = true
  }
  setting "openai_api_key" {
    title    = "Key for tags by a language model"
    help     = "What is saved is then sent there."
    type     = "password"
    advanced = true
  }
  setting "openai_base_url" {
    title    = "Address of the language model"
    help     = "Empty for OpenAI itself."
    type     = "url"
    advanced = true
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "Which server sends the app's mail. Left empty, it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.:_-]{0,253}"
    advanced = true
  }
  setting "smtp_port" {
    title    = "Mail server's port"
    type     = "number"
    default  = 587
    min      = 1
    max      = 65535
    advanced = true
  }
  setting "smtp_username" {
    title    = "Name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Sender of the app's mail"
    type     = "email"
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption to the mail server"
    help     = "Port 587 mostly wants starttls, port 465 tls."
    type     = "choice"
    choices  = ["starttls", "tls"]
    default  = "starttls"
    advanced = true
  }
  secret "auth_secret" { length = 48 }
  secret "search_key" {}

  service "web" {
    image = "ghcr.io/karakeep-app/karakeep:0.33.2"
    after = ["browser", "search"]
    env = {
      BROWSER_WEB_URL  = "http://${service.browser.host}:${service.browser.port}"
      DATA_DIR         = "/data"
      DISABLE_SIGNUPS  = setting.registration ? "false" : "true"
      LOG_LEVEL        = "info"
      MEILI_ADDR       = "http://${service.search.host}:${service.search.port}"
      MEILI_MASTER_KEY = secret.search_key
      NEXTAUTH_SECRET  = secret.auth_secret
      NEXTAUTH_URL     = app.url
      OPENAI_API_KEY   = setting.openai_api_key
      OPENAI_BASE_URL  = setting.openai_base_url != "" ? setting.openai_base_url : null
      SMTP_HOST        = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT        = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USER        = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD    = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_FROM        = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_SECURE      = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      TZ               = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "0:0"
      kind  = "database"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health {
        path    = "/api/health"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 1536
    }
  }

  # A browser that anybody who reaches it may steer; only this app does.
  service "browser" {
    image   = "ghcr.io/karakeep-app/karakeep-chrome:151.0.7922.47-r1"
    port    = 9222
    command = ["--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
    init    = true
    resources {
      cpu        = 300
      memory     = 320
      memory_max = 1536
    }
  }

  service "search" {
    image = "docker.io/getmeili/meilisearch:v1.41.0"
    port  = 7700
    env = {
      MEILI_ENV          = "production"
      MEILI_HTTP_ADDR    = "127.0.0.1:7700"
      MEILI_MASTER_KEY   = secret.search_key
      MEILI_NO_ANALYTICS = "true"
    }
    # What is searched is made again from the app's own data if it is lost.
    volume "data" {
      path = "/meili_data"
      kind = "cache"
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 1024
    }
  }
}
