app "nocodb" {
  title         = "NocoDB"
  tagline       = "Tables that everybody can use, on a real database"
  description   = "Make tables, forms, galleries and boards as in a spreadsheet, share them, and let programs read and write them. Underneath lies PostgreSQL, and databases that you have already can be opened too."
  category      = "office"
  version       = "2026.08.1"
  website       = "https://nocodb.com"
  source        = "https://github.com/nocodb/nocodb"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 1024
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you. Others join when you invite them."

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
  secret "admin_password" {
    title   = "Administrator's password"
    reveal  = true
    bytes   = 32
    charset = "base64"
  }
  secret "db_password" {}
  secret "jwt_secret" { length = 64 }

  service "web" {
    image = "docker.io/nocodb/nocodb:2026.08.1"
    after = ["db"]
    # Its password must have a capital, a digit and a sign: base64 with its = has.
    env = {
      NC_ADMIN_EMAIL        = setting.admin_email
      NC_ADMIN_PASSWORD     = secret.admin_password
      NC_AUTH_JWT_SECRET    = secret.jwt_secret
      NC_DB                 = "pg://${service.db.host}:${service.db.port}?u=nocodb&p=${urlencode(secret.db_password)}&d=nocodb"
      NC_DISABLE_TELE       = "true"
      NC_INVITE_ONLY_SIGNUP = "true"
      NC_PUBLIC_URL         = app.url
      NC_SMTP_HOST          = setting.smtp_host != "" ? setting.smtp_host : null
      NC_SMTP_PORT          = setting.smtp_host != "" ? setting.smtp_port : null
      NC_SMTP_SECURE        = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      NC_SMTP_USERNAME      = setting.smtp_host != "" ? setting.smtp_username : null
      NC_SMTP_PASSWORD      = setting.smtp_host != "" ? setting.smtp_password : null
      NC_SMTP_FROM          = setting.smtp_host != "" ? setting.smtp_from : null
    }
    volume "data" {
      path = "/usr/app/data"
      kind = "data"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/api/v1/health" }
    }
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
      POSTGRES_USER     = "nocodb"
      POSTGRES_DB       = "nocodb"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "nocodb"] }
    backup { command = ["pg_dump", "-U", "nocodb", "nocodb"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
