app "sparkyfitness" {
  title         = "SparkyFitness"
  tagline       = "Food, exercise, water and weight for the family"
  description   = "A diary for what you eat, drink, weigh and do, with goals, charts and a phone app, for several people who may look after each other."
  category      = "health"
  version       = "1.6.1"
  website       = "https://github.com/CodeWithCJ/SparkyFitness"
  source        = "https://github.com/CodeWithCJ/SparkyFitness"
  license       = "LicenseRef-SparkyFitness"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "Make an account with the e-mail address that you gave here: it becomes the administrator's. When everybody has an account, turn registration off (dcloud app config sparkyfitness --set registration=false). Only your home network passes its front door until you open it to others."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    help     = "You sign in with it."
    type     = "email"
    required = true
  }
  setting "registration" {
    title   = "Let anybody make an account"
    help    = "Needed until everybody has one."
    type    = "bool"
    default = true
  }
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
    choices  = ["starttls", "tls"]
    default  = "starttls"
    advanced = true
  }
  secret "api_key" {
    bytes   = 32
    charset = "hex"
  }
  secret "auth_secret" { length = 48 }
  secret "app_db_password" {}
  secret "db_password" {}

  service "web" {
    image = "docker.io/codewithcj/sparkyfitness:v1.6.1"
    after = ["server"]
    env = {
      SPARKY_FITNESS_FRONTEND_URL = app.url
      SPARKY_FITNESS_SERVER_HOST  = service.server.host
      SPARKY_FITNESS_SERVER_PORT  = service.server.port
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 80
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu    = 50
      memory = 48
    }
  }

  service "server" {
    image = "docker.io/codewithcj/sparkyfitness_server:v1.6.1"
    after = ["db"]
    port  = 3010
    env = {
      BETTER_AUTH_SECRET                = secret.auth_secret
      NODE_ENV                          = "production"
      SPARKY_FITNESS_ADMIN_EMAIL        = setting.admin_email
      SPARKY_FITNESS_API_ENCRYPTION_KEY = secret.api_key
      SPARKY_FITNESS_APP_DB_PASSWORD    = secret.app_db_password
      SPARKY_FITNESS_APP_DB_USER        = "sparkyapp"
      SPARKY_FITNESS_DB_HOST            = service.db.host
      SPARKY_FITNESS_DB_NAME            = "sparkyfitness"
      SPARKY_FITNESS_DB_PASSWORD        = secret.db_password
      SPARKY_FITNESS_DB_PORT            = service.db.port
      SPARKY_FITNESS_DB_USER            = "sparkyfitness"
      SPARKY_FITNESS_DISABLE_SIGNUP     = setting.registration ? "false" : "true"
      SPARKY_FITNESS_EMAIL_HOST         = setting.smtp_host != "" ? setting.smtp_host : null
      SPARKY_FITNESS_EMAIL_PORT         = setting.smtp_host != "" ? setting.smtp_port : null
      SPARKY_FITNESS_EMAIL_USER         = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SPARKY_FITNESS_EMAIL_PASS         = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SPARKY_FITNESS_EMAIL_FROM         = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SPARKY_FITNESS_EMAIL_SECURE       = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      SPARKY_FITNESS_FORCE_EMAIL_LOGIN  = "true"
      SPARKY_FITNESS_FRONTEND_URL       = app.url
      SPARKY_FITNESS_LOG_LEVEL          = "info"
      TZ                                = pool.timezone
    }
    volume "uploads" {
      path  = "/app/SparkyFitnessServer/uploads"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "backup" {
      path  = "/app/SparkyFitnessServer/backup"
      owner = "1000:1000"
      kind  = "data"
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "sparkyfitness"
      POSTGRES_DB       = "sparkyfitness"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "sparkyfitness"] }
    backup { command = ["pg_dump", "-U", "sparkyfitness", "sparkyfitness"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 160
    }
  }
}
