app "onedev" {
  title         = "OneDev"
  tagline       = "Git, issues and builds that know each other"
  description   = "A Git server that understands code: jump to definitions in the browser, tie commits to issues, keep boards and packages, and describe builds by clicking instead of by hand."
  category      = "development"
  version       = "16.5.6"
  website       = "https://onedev.io"
  source        = "https://github.com/theonedev/onedev"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you. Switch off under Administration, Security Settings that others make accounts. Only your home network passes its front door until you open it to others. Builds need a build agent on another machine, which you add under Administration, Agents. Clone over the web, or over SSH on port 6611."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, when the first account is made."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  setting "admin_email" {
    title   = "Administrator's e-mail address"
    type    = "email"
    default = "admin@localhost.localdomain"
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/1dev/server:16.5.6"
    after = ["db"]
    env = {
      hibernate_dialect                 = "io.onedev.server.persistence.PostgreSQLDialect"
      hibernate_connection_driver_class = "org.postgresql.Driver"
      hibernate_connection_url          = "jdbc:postgresql://${service.db.host}:${service.db.port}/onedev"
      hibernate_connection_username     = "onedev"
      hibernate_connection_password     = secret.db_password
      initial_user                      = setting.admin_username
      initial_email                     = setting.admin_email
      initial_password                  = secret.admin_password
      initial_server_url                = app.url
      initial_ssh_root_url              = "ssh://${app.host}:6611"
      TZ                                = pool.timezone
    }
    volume "data" {
      path = "/opt/onedev"
      kind = "data"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 6610
      access = "private"
      health {}
    }
    port "ssh" {
      port     = 6611
      protocol = "tcp"
      title    = "Git over SSH"
    }
    stop_timeout = 60
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
      POSTGRES_USER     = "onedev"
      POSTGRES_DB       = "onedev"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "onedev"] }
    backup { command = ["pg_dump", "-U", "onedev", "onedev"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
