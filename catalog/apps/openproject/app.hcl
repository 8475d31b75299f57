app "openproject" {
  title         = "OpenProject"
  tagline       = "Plan projects together"
  description   = "Work packages, Gantt charts, boards, sprints, time sheets, budgets, meetings and wikis for a whole team. Classic plans and agile ones live side by side, and everybody sees what is next."
  category      = "business"
  version       = "17.7.2"
  website       = "https://www.openproject.org"
  source        = "https://github.com/opf/openproject"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 4096
  min_disk      = 4096
  notes         = "Sign in as admin with the password that was made for you; OpenProject asks you for a new one at once. The first start fills the database and takes some minutes."

  setting "admin_email" {
    title   = "Administrator's e-mail address"
    help    = "Used once, when the first account is made."
    type    = "email"
    default = "admin@localhost.localdomain"
  }
  setting "language" {
    title    = "Language of the first data"
    type     = "string"
    default  = "en"
    pattern  = "[a-z]{2}(-[A-Z]{2})?"
    advanced = true
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
    title  = "Administrator's first password"
    reveal = true
  }
  secret "db_password" {}
  secret "secret_key" { length = 64 }
  secret "live_secret" { length = 64 }

  # What people reach: the pages, and beside them what carries texts that several write at once.
  service "gateway" {
    image = "docker.io/library/nginx:1.29.4-alpine"
    after = ["web", "live"]
    file "/etc/nginx/conf.d/default.conf" {
      content = <<-EOT
      map $http_upgrade $connection_upgrade {
        default upgrade;
        ""      close;
      }
      server {
        listen 80;
        client_max_body_size 0;
        proxy_http_version 1.1;
        proxy_read_timeout 300s;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header X-Forwarded-Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto ${trimprefix(app.url, "https://") != app.url ? "https" : "http"};
        location /hocuspocus {
          proxy_pass http://${service.live.host}:${service.live.port};
          proxy_read_timeout 1d;
        }
        location / {
          proxy_pass http://${service.web.host}:${service.web.port};
        }
      }
    EOT
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path    = "/health_checks/default"
        timeout = 10
      }
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 128
    }
  }

  service "web" {
    image   = "docker.io/openproject/openproject:17.7.2-slim"
    command = ["./docker/prod/web"]
    after   = ["seeder", "cache"]
    port    = 8080
    env = {
      DATABASE_URL                                           = "postgres://openproject:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/openproject?pool=20&encoding=unicode&reconnect=true"
      OPENPROJECT_CACHE__MEMCACHE__SERVER                    = "${service.cache.host}:${service.cache.port}"
      OPENPROJECT_COLLABORATIVE__EDITING__HOCUSPOCUS__SECRET = secret.live_secret
      OPENPROJECT_COLLABORATIVE__EDITING__HOCUSPOCUS__URL    = "${trimprefix(app.url, "https://") != app.url ? "wss" : "ws"}://${trimprefix(trimprefix(app.url, "https://"), "http://")}/hocuspocus"
      OPENPROJECT_ADDITIONAL__HOST__NAMES                    = "127.0.0.1"
      OPENPROJECT_HOST__NAME                                 = trimprefix(trimprefix(app.url, "https://"), "http://")
      OPENPROJECT_HSTS                                       = "false"
      OPENPROJECT_HTTPS                                      = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      OPENPROJECT_EMAIL__DELIVERY__METHOD                    = setting.smtp_host != "" ? "smtp" : null
      OPENPROJECT_MAIL__FROM                                 = setting.smtp_from != "" ? setting.smtp_from : null
      OPENPROJECT_SMTP__ADDRESS                              = setting.smtp_host != "" ? setting.smtp_host : null
      OPENPROJECT_SMTP__PORT                                 = setting.smtp_host != "" ? setting.smtp_port : null
      OPENPROJECT_SMTP__AUTHENTICATION                       = setting.smtp_username != "" ? "plain" : null
      OPENPROJECT_SMTP__USER__NAME                           = setting.smtp_username != "" ? setting.smtp_username : null
      OPENPROJECT_SMTP__PASSWORD                             = setting.smtp_username != "" ? setting.smtp_password : null
      OPENPROJECT_SMTP__ENABLE__STARTTLS__AUTO               = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      OPENPROJECT_SMTP__SSL                                  = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      OPENPROJECT_SEED_ADMIN_USER_MAIL                       = setting.admin_email
      OPENPROJECT_SEED_ADMIN_USER_PASSWORD                   = secret.admin_password
      OPENPROJECT_SEED_ADMIN_USER_PASSWORD_RESET             = "true"
      OPENPROJECT_SEED_LOCALE                                = setting.language
      OPENPROJECT_SELF__REGISTRATION                         = "0"
      RAILS_CACHE_STORE                                      = "memcache"
      RAILS_MIN_THREADS                                      = 2
      RAILS_MAX_THREADS                                      = 8
      SECRET_KEY_BASE                                        = secret.secret_key
    }
    volume "assets" {
      path  = "/var/openproject/assets"
      owner = "1000:1000"
      kind  = "data"
    }
    health {
      command  = ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/health_checks/default"]
      interval = 30
      timeout  = 10
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 768
      memory_max = 2048
    }
  }

  service "worker" {
    image   = "docker.io/openproject/openproject:17.7.2-slim"
    command = ["./docker/prod/worker"]
    after   = ["seeder", "cache"]
    env = {
      DATABASE_URL                                           = "postgres://openproject:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/openproject?pool=20&encoding=unicode&reconnect=true"
      OPENPROJECT_CACHE__MEMCACHE__SERVER                    = "${service.cache.host}:${service.cache.port}"
      OPENPROJECT_COLLABORATIVE__EDITING__HOCUSPOCUS__SECRET = secret.live_secret
      OPENPROJECT_COLLABORATIVE__EDITING__HOCUSPOCUS__URL    = "${trimprefix(app.url, "https://") != app.url ? "wss" : "ws"}://${trimprefix(trimprefix(app.url, "https://"), "http://")}/hocuspocus"
      OPENPROJECT_ADDITIONAL__HOST__NAMES                    = "127.0.0.1"
      OPENPROJECT_HOST__NAME                                 = trimprefix(trimprefix(app.url, "https://"), "http://")
      OPENPROJECT_HSTS                                       = "false"
      OPENPROJECT_HTTPS                                      = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      OPENPROJECT_EMAIL__DELIVERY__METHOD                    = setting.smtp_host != "" ? "smtp" : null
      OPENPROJECT_MAIL__FROM                                 = setting.smtp_from != "" ? setting.smtp_from : null
      OPENPROJECT_SMTP__ADDRESS                              = setting.smtp_host != "" ? setting.smtp_host : null
      OPENPROJECT_SMTP__PORT                                 = setting.smtp_host != "" ? setting.smtp_port : null
      OPENPROJECT_SMTP__AUTHENTICATION                       = setting.smtp_username != "" ? "plain" : null
      OPENPROJECT_SMTP__USER__NAME                           = setting.smtp_username != "" ? setting.smtp_username : null
      OPENPROJECT_SMTP__PASSWORD                             = setting.smtp_username != "" ? setting.smtp_password : null
      OPENPROJECT_SMTP__ENABLE__STARTTLS__AUTO               = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      OPENPROJECT_SMTP__SSL                                  = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      OPENPROJECT_SEED_ADMIN_USER_MAIL                       = setting.admin_email
      OPENPROJECT_SEED_ADMIN_USER_PASSWORD                   = secret.admin_password
      OPENPROJECT_SEED_ADMIN_USER_PASSWORD_RESET             = "true"
      OPENPROJECT_SEED_LOCALE                                = setting.language
      OPENPROJECT_SELF__REGISTRATION                         = "0"
      RAILS_CACHE_STORE                                      = "memcache"
      RAILS_MIN_THREADS                                      = 2
      RAILS_MAX_THREADS                                      = 8
      SECRET_KEY_BASE                                        = secret.secret_key
    }
    volume "assets" {
      path = "/var/openproject/assets"
      from = "web"
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 512
      memory_max = 1536
    }
  }

  service "cron" {
    image   = "docker.io/openproject/openproject:17.7.2-slim"
    command = ["./docker/prod/cron"]
    after   = ["seeder", "cache"]
    env = {
      DATABASE_URL                                           = "postgres://openproject:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/openproject?pool=20&encoding=unicode&reconnect=true"
      OPENPROJECT_CACHE__MEMCACHE__SERVER                    = "${service.cache.host}:${service.cache.port}"
      OPENPROJECT_COLLABORATIVE__EDITING__HOCUSPOCUS__SECRET = secret.live_secret
      OPENPROJECT_COLLABORATIVE__EDITING__HOCUSPOCUS__URL    = "${trimprefix(app.url, "https://") != app.url ? "wss" : "ws"}://${trimprefix(trimprefix(app.url, "https://"), "http://")}/hocuspocus"
      OPENPROJECT_ADDITIONAL__HOST__NAMES                    = "127.0.0.1"
      OPENPROJECT_HOST__NAME                                 = trimprefix(trimprefix(app.url, "https://"), "http://")
      OPENPROJECT_HSTS                                       = "false"
      OPENPROJECT_HTTPS                                      = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      OPENPROJECT_EMAIL__DELIVERY__METHOD                    = setting.smtp_host != "" ? "smtp" : null
      OPENPROJECT_MAIL__FROM                                 = setting.smtp_from != "" ? setting.smtp_from : null
      OPENPROJECT_SMTP__ADDRESS                              = setting.smtp_host != "" ? setting.smtp_host : null
      OPENPROJECT_SMTP__PORT                                 = setting.smtp_host != "" ? setting.smtp_port : null
      OPENPROJECT_SMTP__AUTHENTICATION                       = setting.smtp_username != "" ? "plain" : null
      OPENPROJECT_SMTP__USER__NAME                           = setting.smtp_username != "" ? setting.smtp_username : null
      OPENPROJECT_SMTP__PASSWORD                             = setting.smtp_username != "" ? setting.smtp_password : null
      OPENPROJECT_SMTP__ENABLE__STARTTLS__AUTO               = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      OPENPROJECT_SMTP__SSL                                  = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      OPENPROJECT_SEED_ADMIN_USER_MAIL                       = setting.admin_email
      OPENPROJECT_SEED_ADMIN_USER_PASSWORD                   = secret.admin_password
      OPENPROJECT_SEED_ADMIN_USER_PASSWORD_RESET             = "true"
      OPENPROJECT_SEED_LOCALE                                = setting.language
      OPENPROJECT_SELF__REGISTRATION                         = "0"
      RAILS_CACHE_STORE                                      = "memcache"
      RAILS_MIN_THREADS                                      = 2
      RAILS_MAX_THREADS                                      = 8
      SECRET_KEY_BASE                                        = secret.secret_key
    }
    volume "assets" {
      path = "/var/openproject/assets"
      from = "web"
    }
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 768
    }
  }

  service "seeder" {
    image   = "docker.io/openproject/openproject:17.7.2-slim"
    command = ["./docker/prod/seeder"]
    once    = true
    after   = ["db", "cache"]
    env = {
      DATABASE_URL                                           = "postgres://openproject:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/openproject?pool=20&encoding=unicode&reconnect=true"
      OPENPROJECT_CACHE__MEMCACHE__SERVER                    = "${service.cache.host}:${service.cache.port}"
      OPENPROJECT_COLLABORATIVE__EDITING__HOCUSPOCUS__SECRET = secret.live_secret
      OPENPROJECT_COLLABORATIVE__EDITING__HOCUSPOCUS__URL    = "${trimprefix(app.url, "https://") != app.url ? "wss" : "ws"}://${trimprefix(trimprefix(app.url, "https://"), "http://")}/hocuspocus"
      OPENPROJECT_ADDITIONAL__HOST__NAMES                    = "127.0.0.1"
      OPENPROJECT_HOST__NAME                                 = trimprefix(trimprefix(app.url, "https://"), "http://")
      OPENPROJECT_HSTS                                       = "false"
      OPENPROJECT_HTTPS                                      = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      OPENPROJECT_EMAIL__DELIVERY__METHOD                    = setting.smtp_host != "" ? "smtp" : null
      OPENPROJECT_MAIL__FROM                                 = setting.smtp_from != "" ? setting.smtp_from : null
      OPENPROJECT_SMTP__ADDRESS                              = setting.smtp_host != "" ? setting.smtp_host : null
      OPENPROJECT_SMTP__PORT                                 = setting.smtp_host != "" ? setting.smtp_port : null
      OPENPROJECT_SMTP__AUTHENTICATION                       = setting.smtp_username != "" ? "plain" : null
      OPENPROJECT_SMTP__USER__NAME                           = setting.smtp_username != "" ? setting.smtp_username : null
      OPENPROJECT_SMTP__PASSWORD                             = setting.smtp_username != "" ? setting.smtp_password : null
      OPENPROJECT_SMTP__ENABLE__STARTTLS__AUTO               = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      OPENPROJECT_SMTP__SSL                                  = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      OPENPROJECT_SEED_ADMIN_USER_MAIL                       = setting.admin_email
      OPENPROJECT_SEED_ADMIN_USER_PASSWORD                   = secret.admin_password
      OPENPROJECT_SEED_ADMIN_USER_PASSWORD_RESET             = "true"
      OPENPROJECT_SEED_LOCALE                                = setting.language
      OPENPROJECT_SELF__REGISTRATION                         = "0"
      RAILS_CACHE_STORE                                      = "memcache"
      RAILS_MIN_THREADS                                      = 2
      RAILS_MAX_THREADS                                      = 8
      SECRET_KEY_BASE                                        = secret.secret_key
    }
    volume "assets" {
      path = "/var/openproject/assets"
      from = "web"
    }
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 2048
    }
  }

  service "live" {
    image = "docker.io/openproject/hocuspocus:17.6.0"
    port  = 1234
    env = {
      SECRET           = secret.live_secret
      OPENPROJECT_URL  = "http://127.0.0.1:8080"
      OPENPROJECT_HOST = app.host
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 384
    }
  }

  service "cache" {
    image = "docker.io/library/memcached:1.6.45-alpine"
    port  = 11211
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 128
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "openproject"
      POSTGRES_DB       = "openproject"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "openproject"] }
    backup { command = ["pg_dump", "-U", "openproject", "openproject"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
