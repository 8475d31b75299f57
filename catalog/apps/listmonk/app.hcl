app "listmonk" {
  title         = "listmonk"
  tagline       = "Newsletters and mailing lists, without a price per reader"
  description   = "Keep lists of people who want to hear from you, write to all of them at once through your own mail server, and see what was opened and what bounced."
  category      = "business"
  version       = "6.0.0"
  website       = "https://listmonk.app"
  source        = "https://github.com/knadh/listmonk"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 1024
  notes         = "Sign in at /admin with the administrator's name that you chose and the password that was made for you. Then, under Settings, enter this app's address as the root URL and the mail server through which it sends."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, for the first account."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{2,63}"
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image   = "docker.io/listmonk/listmonk:v6.0.0"
    after   = ["db"]
    command = ["/bin/sh", "-c", "./listmonk --install --idempotent --yes --config '' && ./listmonk --upgrade --yes --config '' && exec ./listmonk --config ''"]
    env = {
      LISTMONK_app__address   = "0.0.0.0:9000"
      LISTMONK_db__host       = service.db.host
      LISTMONK_db__port       = service.db.port
      LISTMONK_db__database   = "listmonk"
      LISTMONK_db__user       = "listmonk"
      LISTMONK_db__password   = secret.db_password
      LISTMONK_db__ssl_mode   = "disable"
      LISTMONK_ADMIN_USER     = setting.admin_username
      LISTMONK_ADMIN_PASSWORD = secret.admin_password
      TZ                      = pool.timezone
    }
    volume "uploads" {
      path  = "/listmonk/uploads"
      owner = "0:0"
      mode  = "0755"
    }
    expose "web" {
      port   = 9000
      access = "app"
      health { path = "/health" }
    }
    resources {
      cpu    = 100
      memory = 96
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "listmonk"
      POSTGRES_DB       = "listmonk"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "listmonk"] }
    backup { command = ["pg_dump", "-U", "listmonk", "listmonk"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
