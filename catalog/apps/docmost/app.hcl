app "docmost" {
  title         = "Docmost"
  tagline       = "Pages for a team, written together"
  description   = "A wiki in spaces with an editor that several people use at once, diagrams, comments and a history of every page. Feels like Notion or Confluence and is yours."
  category      = "notes"
  version       = "0.95.0"
  website       = "https://docmost.com"
  source        = "https://github.com/docmost/docmost"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the workspace and its owner's account. Invite others under Settings, Members; for invitations by e-mail, give it a mail server in the settings."

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
  secret "app_secret" { length = 64 }
  secret "db_password" {}

  service "web" {
    image = "docker.io/docmost/docmost:0.95.0"
    after = ["db", "redis"]
    env = {
      APP_SECRET        = secret.app_secret
      APP_URL           = app.url
      DATABASE_URL      = "postgresql://docmost:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/docmost?schema=public"
      DISABLE_TELEMETRY = "true"
      MAIL_DRIVER       = setting.smtp_host != "" ? "smtp" : null
      SMTP_HOST         = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT         = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USERNAME     = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD     = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM_ADDRESS = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAIL_FROM_NAME    = setting.smtp_host != "" ? "Docmost" : null
      PORT              = "3000"
      REDIS_URL         = "redis://${service.redis.host}:${service.redis.port}"
      SMTP_SECURE       = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      STORAGE_DRIVER    = "local"
      TZ                = pool.timezone
    }
    volume "storage" {
      path  = "/app/data/storage"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health {
        path    = "/api/health"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 320
      memory_max = 1024
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "docmost"
      POSTGRES_DB       = "docmost"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "docmost"] }
    backup { command = ["pg_dump", "-U", "docmost", "docmost"] }
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
    # Work that waits and who edits what, so nothing goes to disk; bound to the
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
