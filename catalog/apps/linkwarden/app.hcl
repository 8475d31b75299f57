app "linkwarden" {
  title         = "Linkwarden"
  tagline       = "Bookmarks that cannot rot"
  description   = "Collects links together with a copy of the page as picture, PDF and text, so that they stay readable when the original is gone. Share collections with others and search inside what you saved."
  category      = "reading"
  version       = "2.16.1"
  website       = "https://linkwarden.app"
  source        = "https://github.com/linkwarden/linkwarden"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 4096
  notes         = "The first account that is made is the administrator's. When everybody has theirs, turn registration off (dcloud app config linkwarden --set registration=false). Only your home network passes its front door until you open it to others."

  setting "registration" {
    title   = "Let anybody make an account"
    help    = "Needed for the first one."
    type    = "bool"
    default = true
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
  secret "auth_secret" { length = 64 }
  secret "db_password" {}
  secret "search_key" {}

  service "web" {
    image = "ghcr.io/linkwarden/linkwarden:v2.16.1"
    after = ["db", "search"]
    env = {
      DATABASE_URL                     = "postgresql://linkwarden:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/linkwarden"
      EMAIL_FROM                       = setting.smtp_host != "" ? setting.smtp_from : null
      EMAIL_SERVER                     = setting.smtp_host != "" ? "${setting.smtp_security == "tls" ? "smtps" : "smtp"}://${urlencode(setting.smtp_username)}:${urlencode(setting.smtp_password)}@${setting.smtp_host}:${setting.smtp_port}" : null
      MEILI_HOST                       = "http://${service.search.host}:${service.search.port}"
      MEILI_MASTER_KEY                 = secret.search_key
      NEXTAUTH_SECRET                  = secret.auth_secret
      NEXTAUTH_URL                     = "${app.url}/api/v1/auth"
      NEXT_PUBLIC_DISABLE_REGISTRATION = setting.registration ? null : "true"
      NEXT_PUBLIC_EMAIL_PROVIDER       = setting.smtp_host != "" ? "true" : null
      TZ                               = pool.timezone
    }
    volume "data" {
      path  = "/data/data"
      owner = "0:0"
      kind  = "data"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health {
        path     = "/login"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 640
      memory_max = 2048
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "linkwarden"
      POSTGRES_DB       = "linkwarden"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "linkwarden"] }
    backup { command = ["pg_dump", "-U", "linkwarden", "linkwarden"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
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
