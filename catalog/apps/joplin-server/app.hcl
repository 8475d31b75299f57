app "joplin-server" {
  title         = "Joplin Server"
  tagline       = "Keeps Joplin's notes in step on all your devices"
  description   = "The place where the Joplin apps on your computers and phones meet: fast syncing, notebooks shared with others, and notes published by a link. Encryption on the device stays with you."
  category      = "notes"
  version       = "3.7.1"
  website       = "https://joplinapp.org"
  source        = "https://github.com/laurent22/joplin"
  license       = "LicenseRef-Joplin-Server-Personal-Use"
  architectures = ["amd64"]
  default_user  = "admin@localhost"
  min_memory    = 768
  min_disk      = 1024
  notes         = "Sign in as admin@localhost with the password admin and change both at once under your profile. Make an ordinary account for your notes. In the Joplin app choose Joplin Server under Synchronisation and give it this address. Only your home network passes its front door until you open it to others. Joplin Server may be used for yourself; a firm needs its makers' leave."

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

  service "web" {
    image = "docker.io/joplin/server:3.7.1"
    after = ["db"]
    env = {
      APP_BASE_URL         = app.url
      APP_PORT             = "22300"
      DB_CLIENT            = "pg"
      MAILER_ENABLED       = setting.smtp_host != "" ? "1" : "0"
      MAILER_HOST          = setting.smtp_host != "" ? setting.smtp_host : null
      MAILER_PORT          = setting.smtp_host != "" ? setting.smtp_port : null
      MAILER_AUTH_USER     = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MAILER_AUTH_PASSWORD = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MAILER_NOREPLY_EMAIL = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MAILER_NOREPLY_NAME  = setting.smtp_host != "" ? "Joplin" : null
      MAILER_SECURITY      = setting.smtp_host != "" ? setting.smtp_security : null
      POSTGRES_DATABASE    = "joplin"
      POSTGRES_HOST        = service.db.host
      POSTGRES_PASSWORD    = secret.db_password
      POSTGRES_PORT        = service.db.port
      POSTGRES_USER        = "joplin"
      TZ                   = pool.timezone
    }
    # Its first password is known to everybody; hence private.
    expose "web" {
      port   = 22300
      access = "private"
      health {}
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
      POSTGRES_USER     = "joplin"
      POSTGRES_DB       = "joplin"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "joplin"] }
    backup { command = ["pg_dump", "-U", "joplin", "joplin"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
