app "directus" {
  title         = "Directus"
  tagline       = "A desk and an interface for any data"
  description   = "Make tables with a mouse, fill them in a clear page, decide who may see and change what, and let your websites and apps fetch it all by web requests."
  category      = "web"
  version       = "12.1.1"
  website       = "https://directus.io"
  source        = "https://github.com/directus/directus"
  license       = "BUSL-1.1"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 2048
  notes         = "Sign in with the administrator's e-mail address and the password that was made for you. Its licence asks companies above a certain size to pay."

  setting "admin_email" {
    title = "Administrator's e-mail address"
    help  = "You sign in with it. Empty: admin at the app's host name. Used once."
    type  = "email"
  }
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
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "secret_key" { length = 64 }
  secret "db_password" {}

  service "web" {
    image = "docker.io/directus/directus:12.1.1"
    after = ["db"]
    env = {
      SECRET                = secret.secret_key
      PUBLIC_URL            = app.url
      ADMIN_EMAIL           = setting.admin_email != "" ? setting.admin_email : "admin@${app.host}"
      ADMIN_PASSWORD        = secret.admin_password
      DB_CLIENT             = "pg"
      DB_HOST               = service.db.host
      DB_PORT               = service.db.port
      DB_DATABASE           = "directus"
      DB_USER               = "directus"
      DB_PASSWORD           = secret.db_password
      IP_TRUST_PROXY        = "true"
      WEBSOCKETS_ENABLED    = "true"
      TELEMETRY             = "false"
      EMAIL_TRANSPORT       = setting.smtp_host != "" ? "smtp" : null
      EMAIL_FROM            = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      EMAIL_SMTP_HOST       = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_SMTP_PORT       = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_SMTP_USER       = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      EMAIL_SMTP_PASSWORD   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      EMAIL_SMTP_SECURE     = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      EMAIL_SMTP_IGNORE_TLS = setting.smtp_host != "" ? setting.smtp_security == "none" : null
      TZ                    = pool.timezone
    }
    volume "uploads" {
      path  = "/directus/uploads"
      owner = "1000:1000"
      kind  = "media"
    }
    volume "extensions" {
      path  = "/directus/extensions"
      owner = "1000:1000"
    }
    expose "web" {
      port   = 8055
      access = "app"
      health { path = "/server/ping" }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "directus"
      POSTGRES_DB       = "directus"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "directus"] }
    backup { command = ["pg_dump", "-U", "directus", "directus"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
