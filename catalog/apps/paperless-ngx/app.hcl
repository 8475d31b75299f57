app "paperless-ngx" {
  title         = "Paperless-ngx"
  tagline       = "Your papers, readable and found"
  description   = "Scan your letters, bills and contracts once and never look for them again. It reads what stands in them, learns how you sort, and finds any of them by a word."
  category      = "office"
  version       = "3.0.5"
  website       = "https://docs.paperless-ngx.com"
  source        = "https://github.com/paperless-ngx/paperless-ngx"
  license       = "GPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 3072
  min_disk      = 10240
  notes         = "Sign in as admin with the password that was made for you. Drop files onto its page, or put them into its volume consume, and they are read and sorted in."

  setting "ocr_language" {
    title   = "Languages of your papers"
    help    = "Three letters each, with + between: deu+eng."
    type    = "string"
    default = "eng"
    pattern = "[a-z]{3}(_[a-z]+)?([+][a-z]{3}(_[a-z]+)?)*"
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
    image = "ghcr.io/paperless-ngx/paperless-ngx:3.0.5"
    after = ["db", "redis", "gotenberg", "tika"]
    env = {
      PAPERLESS_ADMIN_USER              = "admin"
      PAPERLESS_ADMIN_PASSWORD          = secret.admin_password
      PAPERLESS_DBENGINE                = "postgresql"
      PAPERLESS_DBHOST                  = service.db.host
      PAPERLESS_DBPORT                  = service.db.port
      PAPERLESS_DBNAME                  = "paperless"
      PAPERLESS_DBUSER                  = "paperless"
      PAPERLESS_DBPASS                  = secret.db_password
      PAPERLESS_OCR_LANGUAGE            = setting.ocr_language
      PAPERLESS_OCR_LANGUAGES           = replace(setting.ocr_language, "+", " ")
      PAPERLESS_PROXY_SSL_HEADER        = trimprefix(app.url, "https://") != app.url ? "[\"HTTP_X_FORWARDED_PROTO\", \"https\"]" : null
      PAPERLESS_REDIS                   = "redis://${service.redis.host}:${service.redis.port}"
      PAPERLESS_SECRET_KEY              = secret.secret_key
      PAPERLESS_TIKA_ENABLED            = "1"
      PAPERLESS_TIKA_ENDPOINT           = "http://${service.tika.host}:${service.tika.port}"
      PAPERLESS_TIKA_GOTENBERG_ENDPOINT = "http://${service.gotenberg.host}:${service.gotenberg.port}"
      PAPERLESS_TIME_ZONE               = pool.timezone
      PAPERLESS_URL                     = app.url
      PAPERLESS_USE_X_FORWARD_HOST      = "true"
      PAPERLESS_EMAIL_HOST              = setting.smtp_host != "" ? setting.smtp_host : null
      PAPERLESS_EMAIL_PORT              = setting.smtp_host != "" ? setting.smtp_port : null
      PAPERLESS_EMAIL_HOST_USER         = setting.smtp_host != "" ? setting.smtp_username : null
      PAPERLESS_EMAIL_HOST_PASSWORD     = setting.smtp_host != "" ? setting.smtp_password : null
      PAPERLESS_EMAIL_USE_TLS           = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      PAPERLESS_EMAIL_USE_SSL           = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      PAPERLESS_EMAIL_FROM              = setting.smtp_from != "" ? setting.smtp_from : null
      USERMAP_UID                       = "1000"
      USERMAP_GID                       = "1000"
    }
    volume "data" {
      path  = "/usr/src/paperless/data"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "media" {
      path  = "/usr/src/paperless/media"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "export" {
      path  = "/usr/src/paperless/export"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "consume" {
      path  = "/usr/src/paperless/consume"
      owner = "1000:1000"
      mode  = "0775"
      kind  = "data"
    }
    expose "web" {
      port   = 8000
      access = "app"
      health {
        path    = "/accounts/login/"
        timeout = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 768
      memory_max = 2560
    }
  }

  # Turns mail and office documents into PDF.
  service "gotenberg" {
    image   = "docker.io/gotenberg/gotenberg:8.36"
    port    = 3000
    command = ["gotenberg", "--chromium-disable-javascript=true", "--chromium-allow-list=file:///tmp/.*"]
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 1024
    }
  }

  # Reads what stands in office documents.
  service "tika" {
    image = "docker.io/apache/tika:3.2.3.0"
    port  = 9998
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 1024
    }
  }

  service "redis" {
    image   = "docker.io/library/redis:8.2.2-alpine"
    port    = 6379
    command = ["redis-server", "--appendonly", "yes"]
    volume "data" {
      path  = "/data"
      owner = "999:1000"
      kind  = "database"
    }
    health { command = ["redis-cli", "ping"] }
    backup { command = ["redis-cli", "--rdb", "-"] }
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
      POSTGRES_USER     = "paperless"
      POSTGRES_DB       = "paperless"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "paperless"] }
    backup { command = ["pg_dump", "-U", "paperless", "paperless"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
