app "planka" {
  title         = "Planka"
  tagline       = "Boards that move while others work on them"
  description   = "Projects, boards, lists and cards with due dates, checklists and pictures; what somebody drags, everybody sees at once."
  category      = "office"
  version       = "2.2.1"
  website       = "https://planka.app"
  source        = "https://github.com/plankanban/planka"
  license       = "LicenseRef-PLANKA-Community"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 512
  notes         = "Sign in as admin with the password that was made for you. Make accounts for others under Users."

  setting "admin_email" {
    title   = "Administrator's e-mail address"
    type    = "email"
    default = "admin@localhost.localdomain"
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "Leave it empty if it shall send no mail."
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
    title    = "Encryption to the mail server"
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }
  setting "smtp_username" {
    title    = "User name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Address that mail comes from"
    type     = "email"
    advanced = true
  }
  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "db_password" {}
  secret "secret_key" { length = 64 }

  service "web" {
    image = "ghcr.io/plankanban/planka:2.2.1"
    after = ["db"]
    env = {
      BASE_URL               = app.url
      DATABASE_URL           = "postgresql://planka:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/planka"
      DEFAULT_ADMIN_EMAIL    = setting.admin_email
      DEFAULT_ADMIN_NAME     = "Administrator"
      DEFAULT_ADMIN_PASSWORD = secret.admin_password
      DEFAULT_ADMIN_USERNAME = "admin"
      SECRET_KEY             = secret.secret_key
      SMTP_HOST              = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT              = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_SECURE            = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      SMTP_USER              = setting.smtp_host != "" ? setting.smtp_username : null
      SMTP_PASSWORD          = setting.smtp_host != "" ? setting.smtp_password : null
      SMTP_FROM              = setting.smtp_host != "" ? setting.smtp_from : null
      TRUST_PROXY            = "true"
    }
    volume "data" {
      path  = "/app/data"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 1337
      access = "app"
      health { path = "/" }
    }
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "planka"
      POSTGRES_DB       = "planka"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "planka"] }
    backup { command = ["pg_dump", "-U", "planka", "planka"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
