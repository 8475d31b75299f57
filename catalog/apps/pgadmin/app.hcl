app "pgadmin" {
  title         = "pgAdmin"
  tagline       = "PostgreSQL in the browser"
  description   = "Look after PostgreSQL servers: browse what is in them, write and explain queries, change rights, back up and restore."
  category      = "development"
  version       = "9.17"
  website       = "https://www.pgadmin.org"
  source        = "https://github.com/pgadmin-org/pgadmin4"
  license       = "PostgreSQL"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 256
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you, then add your servers."

  setting "admin_email" {
    title    = "E-mail address to sign in with"
    type     = "email"
    required = true
  }
  secret "admin_password" {
    title  = "Password to sign in with"
    reveal = true
  }

  service "web" {
    image = "docker.io/dpage/pgadmin4:9.17"
    env = {
      PGADMIN_DEFAULT_EMAIL                = setting.admin_email
      PGADMIN_DEFAULT_PASSWORD             = secret.admin_password
      PGADMIN_CONFIG_PROXY_X_HOST_COUNT    = "1"
      PGADMIN_CONFIG_PROXY_X_PREFIX_COUNT  = "0"
      PGADMIN_CONFIG_UPGRADE_CHECK_ENABLED = "False"
      PGADMIN_DISABLE_POSTFIX              = "1"
    }
    volume "data" {
      path  = "/var/lib/pgadmin"
      owner = "5050:0"
      kind  = "database"
    }
    expose "web" {
      port   = 80
      access = "app"
      health { path = "/misc/ping" }
    }
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
