app "pydio-cells" {
  title         = "Pydio Cells"
  tagline       = "Share files with a team, with rules"
  description   = "A place for files where groups get rooms of their own, called cells, and every share can carry a password, an end date and a record of who looked. Made for clubs and firms that have to know who may see what."
  category      = "files"
  version       = "5.1.0"
  website       = "https://pydio.com"
  source        = "https://github.com/pydio/cells"
  license       = "AGPL-3.0-only"
  architectures = ["amd64"]
  default_user  = "admin"
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Its first start takes a few minutes. Sign in with the administrator's name that you chose and the password that was made for you, then make accounts for people under Cells Console, People. Mail is set up there too, under Mailers."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, when the first account is made."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "db_password" {}

  # Runs to its end before each start: sets Cells up where it is not yet. Its
  # image does that by itself too, and stops afterwards, which would look like a fault.
  service "setup" {
    image      = "docker.io/pydio/cells:5.1.0"
    after      = ["db"]
    once       = true
    entrypoint = ["/bin/sh", "-ec"]
    command    = ["cells admin config check >/dev/null 2>&1 || exec cells configure --bind :8080"]
    env = {
      CELLS_EXTERNAL     = app.url
      CELLS_INSTALL_YAML = "/etc/cells-install.yml"
      CELLS_NO_TLS       = "1"
      HOME               = "/var/cells"
    }
    # Read once: after the first start its settings live in the volume and the database.
    file "/etc/cells-install.yml" {
      mode    = "0600"
      content = <<-EOT
        frontendapplicationtitle: Pydio Cells
        frontendlogin: ${jsonencode(setting.admin_username)}
        frontendpassword: "${secret.admin_password}"
        dbconnectiontype: tcp
        dbtcphostname: ${service.db.host}
        dbtcpport: ${service.db.port}
        dbtcpname: cells
        dbtcpuser: cells
        dbtcppassword: "${secret.db_password}"
      EOT
    }
    volume "data" {
      path  = "/var/cells"
      owner = "0:0"
      kind  = "data"
    }
    resources {
      cpu        = 300
      memory     = 384
      memory_max = 1024
    }
  }

  service "web" {
    image      = "docker.io/pydio/cells:5.1.0"
    after      = ["setup"]
    entrypoint = ["cells", "start"]
    env = {
      CELLS_NO_TLS        = "1"
      CELLS_SITE_BIND     = "0.0.0.0:8080"
      CELLS_SITE_EXTERNAL = app.url
      CELLS_SITE_NO_TLS   = "1"
      HOME                = "/var/cells"
      TZ                  = pool.timezone
    }
    volume "data" {
      path = "/var/cells"
      from = "setup"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health {
        path     = "/"
        interval = 30
        timeout  = 10
      }
    }
    init         = true
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 768
      memory_max = 2048
    }
  }

  service "db" {
    image   = "docker.io/library/mariadb:11.4.5"
    port    = 3306
    command = ["mariadbd", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--transaction-isolation=READ-COMMITTED"]
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "cells"
      MARIADB_USER                 = "cells"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "MYSQL_PWD=\"$MARIADB_PASSWORD\" exec mariadb-dump --single-transaction -u \"$MARIADB_USER\" \"$MARIADB_DATABASE\""] }
    stop_timeout = 60
    resources {
      cpu    = 200
      memory = 384
    }
  }
}
