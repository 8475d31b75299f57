app "rallly" {
  title         = "Rallly"
  tagline       = "Find a day that suits everybody"
  description   = "Propose a few days, send round a link, and see at a glance when most can come. Those who answer need no account."
  category      = "business"
  version       = "4.12.3"
  website       = "https://rallly.co"
  source        = "https://github.com/lukevella/rallly"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Make your account with the e-mail address that you gave; it administers Rallly, at /control-panel. Accounts are confirmed by mail, so give it a mail server first."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    type     = "email"
    required = true
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
  setting "allowed_emails" {
    title   = "Others who may make an account"
    help    = "E-mail addresses, or *@example.org for all of a domain, with commas between them. Nobody needs an account to answer a poll."
    type    = "string"
    pattern = "[A-Za-z0-9.@*_+,-]*"
  }
  secret "db_password" {}
  secret "secret_password" { length = 64 }

  service "web" {
    image = "docker.io/lukevella/rallly:4.12.3"
    after = ["db"]
    env = {
      DATABASE_URL         = "postgres://rallly:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/rallly"
      ALLOWED_EMAILS       = setting.allowed_emails != "" ? "${setting.admin_email},${setting.allowed_emails}" : setting.admin_email
      HOSTNAME             = "0.0.0.0"
      INITIAL_ADMIN_EMAIL  = setting.admin_email
      NEXT_PUBLIC_BASE_URL = app.url
      NOREPLY_EMAIL        = setting.smtp_from != "" ? setting.smtp_from : setting.admin_email
      SECRET_PASSWORD      = secret.secret_password
      SUPPORT_EMAIL        = setting.admin_email
      SMTP_HOST            = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT            = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_SECURE          = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      SMTP_USER            = setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PWD             = setting.smtp_username != "" ? setting.smtp_password : null
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/api/status" }
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
      POSTGRES_USER     = "rallly"
      POSTGRES_DB       = "rallly"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "rallly"] }
    backup { command = ["pg_dump", "-U", "rallly", "rallly"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
