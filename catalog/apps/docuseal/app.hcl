app "docuseal" {
  title         = "DocuSeal"
  tagline       = "Have papers signed without paper"
  description   = "Put fields for names, dates and signatures onto a PDF, send it round, and get it back signed, with a record of who did what when."
  category      = "office"
  version       = "3.2.1"
  website       = "https://www.docuseal.com"
  source        = "https://github.com/docusealco/docuseal"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the administrator's account. It sends papers by mail, so give it a mail server."

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
  secret "secret_key" { length = 128 }

  service "web" {
    image = "docker.io/docuseal/docuseal:3.2.1"
    # The image's own user, to whom the program's directories belong.
    user  = "2000:2000"
    after = ["db"]
    env = {
      DATABASE_URL         = "postgresql://docuseal:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/docuseal?sslmode=disable"
      HOST                 = app.host
      SECRET_KEY_BASE      = secret.secret_key
      SMTP_ADDRESS         = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT            = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_ENABLE_SSL      = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      SMTP_ENABLE_STARTTLS = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      SMTP_USERNAME        = setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD        = setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_FROM            = setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "data" {
      path  = "/data/docuseal"
      owner = "2000:2000"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/up" }
    }
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1280
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "docuseal"
      POSTGRES_DB       = "docuseal"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "docuseal"] }
    backup { command = ["pg_dump", "-U", "docuseal", "docuseal"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
