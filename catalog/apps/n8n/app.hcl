app "n8n" {
  title         = "n8n"
  tagline       = "Let your services work together"
  description   = "Draw what shall happen: when a mail comes, a form is filled or an hour strikes, fetch this, ask that, write it there. Four hundred services are known to it, and the rest is a request or a line of code."
  category      = "automation"
  version       = "2.35.5"
  website       = "https://n8n.io"
  source        = "https://github.com/n8n-io/n8n"
  license       = "LicenseRef-SUL-1.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 2048
  notes         = "The first visitor makes the owner's account. Only your home network passes its front door until you open it to others. Webhooks and forms are taken from everywhere."

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
  secret "db_password" {}
  secret "encryption_key" {
    title  = "Key that stored credentials are encrypted with"
    reveal = true
    length = 64
  }

  service "web" {
    image = "docker.io/n8nio/n8n:2.35.5"
    after = ["db"]
    env = {
      DB_TYPE                               = "postgresdb"
      DB_POSTGRESDB_HOST                    = service.db.host
      DB_POSTGRESDB_PORT                    = service.db.port
      DB_POSTGRESDB_DATABASE                = "n8n"
      DB_POSTGRESDB_USER                    = "n8n"
      DB_POSTGRESDB_PASSWORD                = secret.db_password
      GENERIC_TIMEZONE                      = pool.timezone
      TZ                                    = pool.timezone
      N8N_DIAGNOSTICS_ENABLED               = "false"
      N8N_EDITOR_BASE_URL                   = app.url
      N8N_ENCRYPTION_KEY                    = secret.encryption_key
      N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS = "true"
      N8N_HOST                              = app.host
      N8N_PROTOCOL                          = trimprefix(app.url, "https://") != app.url ? "https" : "http"
      N8N_PROXY_HOPS                        = "1"
      N8N_SECURE_COOKIE                     = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      WEBHOOK_URL                           = "${app.url}/"
      N8N_EMAIL_MODE                        = setting.smtp_host != "" ? "smtp" : null
      N8N_SMTP_HOST                         = setting.smtp_host != "" ? setting.smtp_host : null
      N8N_SMTP_PORT                         = setting.smtp_host != "" ? setting.smtp_port : null
      N8N_SMTP_SSL                          = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      N8N_SMTP_STARTTLS                     = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      N8N_SMTP_USER                         = setting.smtp_username != "" ? setting.smtp_username : null
      N8N_SMTP_PASS                         = setting.smtp_username != "" ? setting.smtp_password : null
      N8N_SMTP_SENDER                       = setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "data" {
      path  = "/home/node/.n8n"
      owner = "1000:1000"
      kind  = "data"
    }
    # Whoever comes first is its owner and may run commands; hence private, but for what starts workflows from outside.
    expose "web" {
      port   = 5678
      access = "private"
      public = ["/webhook", "/webhook-test", "/webhook-waiting", "/form", "/form-waiting"]
      health { path = "/healthz" }
    }
    stop_timeout = 60
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
      POSTGRES_USER     = "n8n"
      POSTGRES_DB       = "n8n"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "n8n"] }
    backup { command = ["pg_dump", "-U", "n8n", "n8n"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
