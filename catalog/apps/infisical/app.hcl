app "infisical" {
  title         = "Infisical"
  tagline       = "Keys and passwords of programs, in one safe place"
  description   = "Where your programs and servers get their keys from, instead of from files that are copied about: by project and environment, with versions, and a record of who read what."
  category      = "security"
  version       = "0.162.6"
  website       = "https://infisical.com"
  source        = "https://github.com/Infisical/infisical"
  license       = "MIT AND LicenseRef-Infisical-Enterprise"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 2048
  notes         = "Whoever signs up first is the administrator. Only your home network passes its front door until you open it to others."

  setting "smtp_host" {
    title    = "Mail server"
    help     = "The server through which it sends mail. Leave it empty, and it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.-]*"
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
  setting "smtp_security" {
    title    = "Encryption of the way to the mail server"
    help     = "starttls is usual on port 587, tls on port 465."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
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
    title    = "Sender's address"
    help     = "Who its mail comes from."
    type     = "email"
    advanced = true
  }
  secret "encryption_key" {
    bytes   = 16
    charset = "hex"
  }
  secret "auth_secret" {
    bytes   = 32
    charset = "base64"
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/infisical/infisical:v0.162.6"
    after = ["db", "redis"]
    env = {
      NODE_ENV          = "production"
      HOST              = "0.0.0.0"
      PORT              = "8080"
      SITE_URL          = app.url
      ENCRYPTION_KEY    = secret.encryption_key
      AUTH_SECRET       = secret.auth_secret
      DB_CONNECTION_URI = "postgres://infisical:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/infisical"
      REDIS_URL         = "redis://${service.redis.host}:${service.redis.port}"
      TELEMETRY_ENABLED = "false"
      HTTPS_ENABLED     = replace(app.url, "https://", "") != app.url
      SMTP_HOST         = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT         = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USERNAME     = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD     = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_FROM_ADDRESS = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_FROM_NAME    = setting.smtp_host != "" ? "Infisical" : null
      SMTP_REQUIRE_TLS  = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      SMTP_IGNORE_TLS   = setting.smtp_host != "" ? setting.smtp_security == "none" : null
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 8080
      access = "private"
      health { path = "/api/status" }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 512
      memory_max = 1536
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "infisical"
      POSTGRES_DB       = "infisical"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "infisical"] }
    backup { command = ["pg_dump", "-U", "infisical", "infisical"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # The queues of work live here, so it keeps them; bound to the address that
    # just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "60", "1", "--appendonly", "no"]
    volume "data" {
      path  = "/data"
      owner = "999:1000"
      kind  = "database"
    }
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    # The dump goes to the standard output; nothing else may.
    backup { command = ["redis-cli", "-h", "127.0.0.1", "--rdb", "-"] }
    stop_timeout = 15
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 512
    }
  }
}
