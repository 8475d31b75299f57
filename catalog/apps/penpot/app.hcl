app "penpot" {
  title         = "Penpot"
  tagline       = "Design pages and apps together"
  description   = "Draw interfaces, put them together to prototypes that can be clicked through, and hand over to those who build them what they need, all in the browser."
  category      = "development"
  version       = "2.17.1"
  website       = "https://penpot.app"
  source        = "https://github.com/penpot/penpot"
  license       = "MPL-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 3072
  min_disk      = 2048
  notes         = "Make your account on the first page. When everybody has one, turn registration off (dcloud app config penpot --set registration=false). Only your home network passes its front door until you open it to others."

  setting "registration" {
    title   = "Let people make accounts"
    type    = "bool"
    default = true
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
  secret "db_password" {}
  secret "secret_key" { length = 64 }

  service "web" {
    image = "docker.io/penpotapp/frontend:2.17.1"
    after = ["backend", "exporter"]
    env = {
      PENPOT_BACKEND_URI  = "http://${service.backend.host}:${service.backend.port}"
      PENPOT_EXPORTER_URI = "http://${service.exporter.host}:${service.exporter.port}"
      PENPOT_FLAGS        = "${setting.registration ? "enable-registration" : "disable-registration"} enable-login-with-password"
      PENPOT_MCP_URI      = "http://127.0.0.1:4401"
      PENPOT_MCP_URI_WS   = "http://127.0.0.1:4402"
      PENPOT_NITRATE_URI  = "http://127.0.0.1:3000"
    }
    volume "assets" {
      path = "/opt/data/assets"
      from = "backend"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 8080
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 100
      memory     = 64
      memory_max = 256
    }
  }

  service "backend" {
    image = "docker.io/penpotapp/backend:2.17.1"
    port  = 6060
    after = ["db", "redis"]
    env = {
      PENPOT_DATABASE_URI                 = "postgresql://${service.db.host}:${service.db.port}/penpot"
      PENPOT_DATABASE_USERNAME            = "penpot"
      PENPOT_DATABASE_PASSWORD            = secret.db_password
      PENPOT_FLAGS                        = "${setting.registration ? "enable-registration" : "disable-registration"} enable-login-with-password disable-onboarding-questions ${setting.smtp_host != "" ? "enable-smtp enable-email-verification" : "disable-smtp disable-email-verification"} ${trimprefix(app.url, "https://") != app.url ? "enable-secure-session-cookies" : "disable-secure-session-cookies"}"
      PENPOT_OBJECTS_STORAGE_BACKEND      = "fs"
      PENPOT_OBJECTS_STORAGE_FS_DIRECTORY = "/opt/data/assets"
      PENPOT_PUBLIC_URI                   = app.url
      PENPOT_REDIS_URI                    = "redis://${service.redis.host}:${service.redis.port}/0"
      PENPOT_SECRET_KEY                   = secret.secret_key
      PENPOT_TELEMETRY_ENABLED            = "false"
      PENPOT_SMTP_DEFAULT_FROM            = setting.smtp_from != "" ? setting.smtp_from : null
      PENPOT_SMTP_DEFAULT_REPLY_TO        = setting.smtp_from != "" ? setting.smtp_from : null
      PENPOT_SMTP_HOST                    = setting.smtp_host != "" ? setting.smtp_host : null
      PENPOT_SMTP_PORT                    = setting.smtp_host != "" ? setting.smtp_port : null
      PENPOT_SMTP_USERNAME                = setting.smtp_username != "" ? setting.smtp_username : null
      PENPOT_SMTP_PASSWORD                = setting.smtp_username != "" ? setting.smtp_password : null
      PENPOT_SMTP_TLS                     = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      PENPOT_SMTP_SSL                     = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
    }
    volume "assets" {
      path  = "/opt/data/assets"
      owner = "1001:1001"
      mode  = "0755"
      kind  = "data"
    }
    resources {
      cpu        = 300
      memory     = 768
      memory_max = 2048
    }
  }

  # Makes pictures and PDFs of what is drawn.
  service "exporter" {
    image = "docker.io/penpotapp/exporter:2.17.1"
    port  = 6061
    after = ["redis"]
    env = {
      PENPOT_INTERNAL_URI = "http://127.0.0.1:8080"
      PENPOT_PUBLIC_URI   = app.url
      PENPOT_REDIS_URI    = "redis://${service.redis.host}:${service.redis.port}/0"
      PENPOT_SECRET_KEY   = secret.secret_key
    }
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 1024
    }
  }

  service "redis" {
    image   = "docker.io/library/redis:8.2.2-alpine"
    port    = 6379
    command = ["redis-server", "--save", "", "--appendonly", "no"]
    health { command = ["redis-cli", "ping"] }

    resources {
      cpu        = 50
      memory     = 32
      memory_max = 256
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "penpot"
      POSTGRES_DB       = "penpot"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "penpot"] }
    backup { command = ["pg_dump", "-U", "penpot", "penpot"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
