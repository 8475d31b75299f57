app "etherpad" {
  title         = "Etherpad"
  tagline       = "Write one text together"
  description   = "Open a page, give its address to others, and write at the same time, each in a colour. The whole history can be played like a film."
  category      = "office"
  version       = "3.3.3"
  website       = "https://etherpad.org"
  source        = "https://github.com/ether/etherpad-lite"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 512
  notes         = "Whoever passes its front door may open and make pads. Its administration is at /admin, as admin with the password that was made for you."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/etherpad/etherpad:3.3.3"
    user  = "5001:0"
    after = ["db"]
    env = {
      ADMIN_PASSWORD   = secret.admin_password
      CI               = "true"
      DB_TYPE          = "postgres"
      DB_HOST          = service.db.host
      DB_PORT          = service.db.port
      DB_NAME          = "etherpad"
      DB_USER          = "etherpad"
      DB_PASS          = secret.db_password
      DEFAULT_PAD_TEXT = "Write here. Whoever has this page's address writes along."
      NODE_ENV         = "production"
      TITLE            = "Etherpad"
      TRUST_PROXY      = "true"
    }
    volume "var" {
      path  = "/opt/etherpad-lite/var"
      owner = "5001:0"
      kind  = "data"
    }
    expose "web" {
      port   = 9001
      access = "members"
      health { path = "/health" }
    }
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "etherpad"
      POSTGRES_DB       = "etherpad"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "etherpad"] }
    backup { command = ["pg_dump", "-U", "etherpad", "etherpad"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
