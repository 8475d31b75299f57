app "outline" {
  title         = "Outline"
  tagline       = "A fast, good-looking knowledge base for a team"
  description   = "Write documents together at the same time, nest them, link them, search them in an instant. It has no passwords of its own: people sign in at a service that you have, such as Authentik, Keycloak, Zitadel or Google."
  category      = "notes"
  version       = "1.9.2"
  website       = "https://www.getoutline.com"
  source        = "https://github.com/outline/outline"
  license       = "BUSL-1.1"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 1024
  notes         = "At your sign-in service, make a client for OpenID Connect with this app's address and /auth/oidc.callback behind it as the address to return to. The first person who signs in becomes the administrator. Give this app an https address: browsers keep its cookies only there."

  setting "oidc_issuer" {
    title    = "Sign-in service"
    help     = "The issuer's address, as your OpenID Connect service shows it."
    type     = "url"
    required = true
  }
  setting "oidc_client_id" {
    title    = "Client ID"
    type     = "string"
    required = true
  }
  setting "oidc_client_secret" {
    title = "Client secret"
    type  = "password"
  }
  setting "oidc_name" {
    title    = "What the button says"
    type     = "string"
    default  = "Single sign-on"
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
  secret "db_password" {}
  secret "secret_key" {
    bytes   = 32
    charset = "hex"
  }
  secret "utils_secret" {
    bytes   = 32
    charset = "hex"
  }

  service "web" {
    image = "docker.io/outlinewiki/outline:1.9.2"
    after = ["db", "redis"]
    env = {
      DATABASE_URL                = "postgres://outline:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/outline"
      ENABLE_UPDATES              = "false"
      FILE_STORAGE                = "local"
      FILE_STORAGE_LOCAL_ROOT_DIR = "/var/lib/outline/data"
      # The front door looks after https.
      FORCE_HTTPS        = "false"
      NODE_ENV           = "production"
      OIDC_CLIENT_ID     = setting.oidc_client_id
      OIDC_CLIENT_SECRET = setting.oidc_client_secret
      OIDC_DISPLAY_NAME  = setting.oidc_name
      OIDC_ISSUER_URL    = setting.oidc_issuer
      PGSSLMODE          = "disable"
      PORT               = "3000"
      REDIS_URL          = "redis://${service.redis.host}:${service.redis.port}"
      SECRET_KEY         = secret.secret_key
      SMTP_HOST          = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT          = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USERNAME      = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD      = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_FROM_EMAIL    = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_SECURE        = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      TZ                 = pool.timezone
      URL                = app.url
      UTILS_SECRET       = secret.utils_secret
      WEB_CONCURRENCY    = "1"
    }
    volume "data" {
      path  = "/var/lib/outline/data"
      owner = "1001:1001"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health {
        path    = "/_health"
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

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "outline"
      POSTGRES_DB       = "outline"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "outline"] }
    backup { command = ["pg_dump", "-U", "outline", "outline"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # Sessions and work that waits, so nothing goes to disk; bound to the
    # address that just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    tmpfs   = ["/data"]
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
