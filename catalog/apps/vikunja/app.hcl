app "vikunja" {
  title         = "Vikunja"
  tagline       = "Lists for everything that must be done"
  description   = "Tasks in lists, boards, tables and Gantt charts, with repeats, labels and reminders, for yourself or shared with your family or team. It speaks CalDAV with the apps on your phone."
  category      = "office"
  version       = "2.5.0"
  website       = "https://vikunja.io"
  source        = "https://kolaente.dev/vikunja/vikunja"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 512
  notes         = "Make your account on the first page. When everybody has one, turn registration off (dcloud app config vikunja --set registration=false). Only your home network passes its front door until you open it to others."

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
  secret "service_secret" { length = 64 }

  service "web" {
    image = "docker.io/vikunja/vikunja:2.5.0"
    user  = "1000:1000"
    after = ["db"]
    env = {
      VIKUNJA_DATABASE_TYPE              = "postgres"
      VIKUNJA_DATABASE_HOST              = "${service.db.host}:${service.db.port}"
      VIKUNJA_DATABASE_DATABASE          = "vikunja"
      VIKUNJA_DATABASE_USER              = "vikunja"
      VIKUNJA_DATABASE_PASSWORD          = secret.db_password
      VIKUNJA_MAILER_ENABLED             = setting.smtp_host != "" ? "true" : "false"
      VIKUNJA_MAILER_HOST                = setting.smtp_host != "" ? setting.smtp_host : null
      VIKUNJA_MAILER_PORT                = setting.smtp_host != "" ? setting.smtp_port : null
      VIKUNJA_MAILER_FORCESSL            = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      VIKUNJA_MAILER_USERNAME            = setting.smtp_host != "" ? setting.smtp_username : null
      VIKUNJA_MAILER_PASSWORD            = setting.smtp_host != "" ? setting.smtp_password : null
      VIKUNJA_MAILER_FROMEMAIL           = setting.smtp_from != "" ? setting.smtp_from : null
      VIKUNJA_SERVICE_ENABLEREGISTRATION = setting.registration ? "true" : "false"
      VIKUNJA_SERVICE_PUBLICURL          = "${app.url}/"
      VIKUNJA_SERVICE_SECRET             = secret.service_secret
      VIKUNJA_SERVICE_TIMEZONE           = pool.timezone
    }
    volume "files" {
      path  = "/app/vikunja/files"
      owner = "1000:1000"
      kind  = "data"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 3456
      access = "private"
      health { path = "/api/v1/info" }
    }
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 512
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "vikunja"
      POSTGRES_DB       = "vikunja"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "vikunja"] }
    backup { command = ["pg_dump", "-U", "vikunja", "vikunja"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
