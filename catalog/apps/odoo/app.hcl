app "odoo" {
  title         = "Odoo"
  tagline       = "Apps for a firm that fit together"
  description   = "Sales, bills, stock, a shop, a site, projects and staff, each an app of its own, all on the same data."
  category      = "business"
  version       = "19.0"
  website       = "https://www.odoo.com"
  source        = "https://github.com/odoo/odoo"
  license       = "LGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 4096
  notes         = "The first page asks for the master password, which was made for you, and makes the database with your administrator's account."

  secret "master_password" {
    title  = "Master password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/library/odoo:19.0-20260619"
    after = ["db"]
    env = {
      HOST     = service.db.host
      PORT     = service.db.port
      USER     = "odoo"
      PASSWORD = secret.db_password
    }
    file "/etc/odoo/odoo.conf" {
      content = <<-EOT
      [options]
      addons_path = /mnt/extra-addons
      admin_passwd = ${secret.master_password}
      data_dir = /var/lib/odoo
      proxy_mode = True
      workers = 0
    EOT
    }
    volume "data" {
      path  = "/var/lib/odoo"
      owner = "100:101"
      kind  = "data"
    }
    volume "addons" {
      path  = "/mnt/extra-addons"
      owner = "100:101"
      mode  = "0755"
      kind  = "data"
    }
    expose "web" {
      port   = 8069
      access = "app"
      health { path = "/web/health" }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 2048
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "odoo"
      POSTGRES_DB       = "postgres"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "odoo"] }
    # You name its databases on its page, so all of them are copied.
    backup { command = ["pg_dumpall", "-U", "odoo"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }
}
