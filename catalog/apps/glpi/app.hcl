app "glpi" {
  title         = "GLPI"
  tagline       = "A help desk that knows every device"
  description   = "Tickets, devices, licences, contracts and costs of a firm or a school in one place, so that whoever helps sees at once what it is about."
  category      = "business"
  version       = "11.0.8"
  website       = "https://www.glpi-project.org"
  source        = "https://github.com/glpi-project/glpi"
  license       = "GPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "glpi"
  min_memory    = 1024
  min_disk      = 1024
  notes         = "Sign in as glpi with the password glpi, change it, and change or remove the accounts tech, normal and post-only, whose passwords are their names. Until you open it to others, only your home network passes its front door."

  secret "db_password" {}

  service "web" {
    image = "docker.io/glpi/glpi:11.0.8"
    after = ["db"]
    env = {
      GLPI_DB_HOST     = service.db.host
      GLPI_DB_PORT     = service.db.port
      GLPI_DB_NAME     = "glpi"
      GLPI_DB_USER     = "glpi"
      GLPI_DB_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/glpi"
      owner = "33:33"
      kind  = "data"
    }
    # Nobody but you, since its first passwords are ones that everybody knows.
    expose "web" {
      port   = 80
      access = "private"
      health {
        path    = "/"
        timeout = 10
      }
    }
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 1024
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "glpi"
      MARIADB_USER                 = "glpi"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u glpi -p\"$MARIADB_PASSWORD\" glpi"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
