app "matomo" {
  title         = "Matomo"
  tagline       = "Every number about your website, in your own hands"
  description   = "The thorough kind of visitor statistics: goals, campaigns, shops, heat maps by add-on, and what the law asks for. The data stays with you."
  category      = "web"
  version       = "5.12.0"
  website       = "https://matomo.org"
  source        = "https://github.com/matomo-org/matomo"
  license       = "GPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 2048
  notes         = "Open it right away and go through its setup: the first visitor makes the administrator's account. The database is filled in already."

  secret "db_password" {}

  service "web" {
    image = "docker.io/library/matomo:5.12.0-apache"
    after = ["db"]
    env = {
      MATOMO_DATABASE_HOST          = "${service.db.host}:${service.db.port}"
      MATOMO_DATABASE_ADAPTER       = "mysql"
      MATOMO_DATABASE_TABLES_PREFIX = "matomo_"
      MATOMO_DATABASE_USERNAME      = "matomo"
      MATOMO_DATABASE_PASSWORD      = secret.db_password
      MATOMO_DATABASE_DBNAME        = "matomo"
      PHP_MEMORY_LIMIT              = "512M"
    }
    volume "html" {
      path  = "/var/www/html"
      owner = "33:33"
      mode  = "0755"
    }
    expose "web" {
      port   = 80
      access = "app"
      # A small file that is there before and after the setup.
      health {
        path    = "/matomo.js"
        timeout = 10
      }
    }
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 768
    }
  }

  service "db" {
    image   = "docker.io/library/mariadb:11.8.2"
    port    = 3306
    command = ["--max-allowed-packet=64MB"]
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "matomo"
      MARIADB_USER                 = "matomo"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u \"$MARIADB_USER\" -p\"$MARIADB_PASSWORD\" \"$MARIADB_DATABASE\""] }
    stop_timeout = 60
    resources {
      cpu    = 200
      memory = 256
    }
  }
}
