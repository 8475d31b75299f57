app "calcom" {
  title         = "Cal.com"
  tagline       = "Let others choose a time that suits you"
  description   = "Say when you have time, give out a link, and meetings land in your calendar: with video, questions, payments and reminders if you like."
  category      = "business"
  version       = "6.2.0"
  website       = "https://cal.com"
  source        = "https://github.com/calcom/cal.com"
  license       = "AGPL-3.0-only"
  architectures = ["amd64"]
  min_memory    = 2048
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the administrator's account. It confirms meetings by mail, so give it a mail server."

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
  secret "encryption_key" { length = 32 }
  secret "nextauth_secret" { length = 64 }

  service "web" {
    image = "docker.io/calcom/cal.com:v6.2.0"
    after = ["db"]
    env = {
      CALCOM_TELEMETRY_DISABLED = "1"
      CALENDSO_ENCRYPTION_KEY   = secret.encryption_key
      DATABASE_URL              = "postgresql://calcom:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/calcom"
      DATABASE_DIRECT_URL       = "postgresql://calcom:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/calcom"
      DATABASE_HOST             = "${service.db.host}:${service.db.port}"
      EMAIL_FROM                = setting.smtp_from != "" ? setting.smtp_from : null
      EMAIL_SERVER_HOST         = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_SERVER_PORT         = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_SERVER_USER         = setting.smtp_username != "" ? setting.smtp_username : null
      EMAIL_SERVER_PASSWORD     = setting.smtp_username != "" ? setting.smtp_password : null
      NEXTAUTH_SECRET           = secret.nextauth_secret
      NEXTAUTH_URL              = "${app.url}/api/auth"
      # Strangers book, but make no accounts.
      NEXT_PUBLIC_DISABLE_SIGNUP  = "true"
      NEXT_PUBLIC_LICENSE_CONSENT = "agree"
      NEXT_PUBLIC_WEBAPP_URL      = app.url
      NODE_ENV                    = "production"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health {
        path    = "/auth/login"
        timeout = 10
      }
    }
    resources {
      cpu        = 500
      memory     = 1024
      memory_max = 3072
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "calcom"
      POSTGRES_DB       = "calcom"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "calcom"] }
    backup { command = ["pg_dump", "-U", "calcom", "calcom"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
