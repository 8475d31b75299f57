app "tandoor" {
  title         = "Tandoor Recipes"
  tagline       = "Recipes, meal plans and shopping, thought through"
  description   = "A cookbook for people who cook a lot: recipes from anywhere, scaled and searched by what is in the house, books, plans and shopping lists that the household shares."
  category      = "home"
  version       = "2.6.13"
  website       = "https://tandoor.dev"
  source        = "https://github.com/TandoorRecipes/recipes"
  license       = "LicenseRef-AGPL-3.0-with-Commons-Clause"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the administrator's account."

  setting "smtp_host" {
    title    = "Mail server"
    help     = "Which server sends the app's mail. Left empty, it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.:_-]{0,253}"
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
    title    = "Sender of the app's mail"
    type     = "email"
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption to the mail server"
    help     = "Port 587 mostly wants starttls, port 465 tls."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }
  secret "db_password" {}
  secret "secret_key" { length = 50 }

  service "web" {
    image = "docker.io/vabene1111/recipes:2.6.13"
    after = ["db"]
    env = {
      ALLOWED_HOSTS        = "*"
      CSRF_TRUSTED_ORIGINS = app.url
      DB_ENGINE            = "django.db.backends.postgresql"
      EMAIL_HOST           = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_PORT           = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_HOST_USER      = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      EMAIL_HOST_PASSWORD  = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      DEFAULT_FROM_EMAIL   = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      EMAIL_USE_SSL        = setting.smtp_host != "" && setting.smtp_security == "tls" ? "1" : null
      EMAIL_USE_TLS        = setting.smtp_host != "" && setting.smtp_security == "starttls" ? "1" : null
      POSTGRES_DB          = "tandoor"
      POSTGRES_HOST        = service.db.host
      POSTGRES_PASSWORD    = secret.db_password
      POSTGRES_PORT        = service.db.port
      POSTGRES_USER        = "tandoor"
      SECRET_KEY           = secret.secret_key
      TANDOOR_PORT         = "8080"
      TZ                   = pool.timezone
    }
    volume "media" {
      path  = "/opt/recipes/mediafiles"
      owner = "0:0"
      kind  = "data"
    }
    volume "static" {
      path  = "/opt/recipes/staticfiles"
      owner = "0:0"
      kind  = "cache"
    }
    expose "web" {
      port   = 8080
      access = "app"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"] }
    stop_timeout = 20
    resources {
      cpu        = 300
      memory     = 384
      memory_max = 1024
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "tandoor"
      POSTGRES_DB       = "tandoor"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "tandoor"] }
    backup { command = ["pg_dump", "-U", "tandoor", "tandoor"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
