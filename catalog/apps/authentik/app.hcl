app "authentik" {
  title         = "authentik"
  tagline       = "Who may use what, in one place"
  description   = "People, groups and sign-in flows for all your apps: passwords, security keys and codes, with OpenID Connect, SAML, LDAP and a gate for apps that know none of them."
  category      = "security"
  version       = "2026.2.2"
  website       = "https://goauthentik.io"
  source        = "https://github.com/goauthentik/authentik"
  license       = "MIT AND LicenseRef-Authentik-Enterprise"
  architectures = ["amd64", "arm64"]
  default_user  = "akadmin"
  min_memory    = 2560
  min_disk      = 4096
  notes         = "The first start takes some minutes. Sign in as akadmin with the password that was made for you."

  setting "admin_email" {
    title = "Administrator's e-mail address"
    help  = "Empty: akadmin at the app's host name. Used once."
    type  = "email"
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "The server through which it sends mail. Leave it empty, and it sends none."
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
    title    = "Encryption of the way to the mail server"
    help     = "starttls is usual on port 587, tls on port 465."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }
  setting "smtp_username" {
    title    = "Name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Sender's address"
    help     = "Who its mail comes from."
    type     = "email"
    advanced = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "secret_key" { length = 60 }
  secret "db_password" {}

  service "server" {
    image   = "ghcr.io/goauthentik/server:2026.2.2"
    after   = ["db"]
    command = ["server"]
    env = {
      AUTHENTIK_SECRET_KEY                = secret.secret_key
      AUTHENTIK_POSTGRESQL__HOST          = service.db.host
      AUTHENTIK_POSTGRESQL__PORT          = service.db.port
      AUTHENTIK_POSTGRESQL__NAME          = "authentik"
      AUTHENTIK_POSTGRESQL__USER          = "authentik"
      AUTHENTIK_POSTGRESQL__PASSWORD      = secret.db_password
      AUTHENTIK_STORAGE__FILE__PATH       = "/data"
      AUTHENTIK_ERROR_REPORTING__ENABLED  = "false"
      AUTHENTIK_DISABLE_STARTUP_ANALYTICS = "true"
      AUTHENTIK_WEB__WORKERS              = "1"
      AUTHENTIK_EMAIL__HOST               = setting.smtp_host != "" ? setting.smtp_host : null
      AUTHENTIK_EMAIL__PORT               = setting.smtp_host != "" ? setting.smtp_port : null
      AUTHENTIK_EMAIL__USERNAME           = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      AUTHENTIK_EMAIL__PASSWORD           = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      AUTHENTIK_EMAIL__USE_TLS            = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      AUTHENTIK_EMAIL__USE_SSL            = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      AUTHENTIK_EMAIL__FROM               = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
    }
    volume "templates" {
      path  = "/templates"
      owner = "1000:1000"
    }
    expose "web" {
      port   = 9000
      access = "app"
      health {
        path     = "/-/health/live/"
        interval = 30
        timeout  = 10
      }
    }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 768
      memory_max = 1536
    }
  }

  service "worker" {
    image   = "ghcr.io/goauthentik/server:2026.2.2"
    after   = ["db"]
    command = ["worker"]
    env = {
      AUTHENTIK_BOOTSTRAP_PASSWORD = secret.admin_password
      AUTHENTIK_BOOTSTRAP_EMAIL    = setting.admin_email != "" ? setting.admin_email : "akadmin@${app.host}"
      # It listens, too, and shares its address with the server.
      AUTHENTIK_LISTEN__HTTP              = "127.0.0.1:9100"
      AUTHENTIK_LISTEN__HTTPS             = "127.0.0.1:9543"
      AUTHENTIK_LISTEN__METRICS           = "127.0.0.1:9400"
      AUTHENTIK_LISTEN__DEBUG             = "127.0.0.1:9901"
      AUTHENTIK_SECRET_KEY                = secret.secret_key
      AUTHENTIK_POSTGRESQL__HOST          = service.db.host
      AUTHENTIK_POSTGRESQL__PORT          = service.db.port
      AUTHENTIK_POSTGRESQL__NAME          = "authentik"
      AUTHENTIK_POSTGRESQL__USER          = "authentik"
      AUTHENTIK_POSTGRESQL__PASSWORD      = secret.db_password
      AUTHENTIK_STORAGE__FILE__PATH       = "/data"
      AUTHENTIK_ERROR_REPORTING__ENABLED  = "false"
      AUTHENTIK_DISABLE_STARTUP_ANALYTICS = "true"
      AUTHENTIK_WEB__WORKERS              = "1"
      AUTHENTIK_EMAIL__HOST               = setting.smtp_host != "" ? setting.smtp_host : null
      AUTHENTIK_EMAIL__PORT               = setting.smtp_host != "" ? setting.smtp_port : null
      AUTHENTIK_EMAIL__USERNAME           = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      AUTHENTIK_EMAIL__PASSWORD           = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      AUTHENTIK_EMAIL__USE_TLS            = setting.smtp_host != "" ? setting.smtp_security == "starttls" : null
      AUTHENTIK_EMAIL__USE_SSL            = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      AUTHENTIK_EMAIL__FROM               = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "data" {
      path = "/data"
      from = "server"
    }
    volume "templates" {
      path = "/templates"
      from = "server"
    }
    volume "certs" {
      path  = "/certs"
      owner = "1000:1000"
    }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 512
      memory_max = 1536
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "authentik"
      POSTGRES_DB       = "authentik"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "authentik"] }
    backup { command = ["pg_dump", "-U", "authentik", "authentik"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 256
    }
  }
}
