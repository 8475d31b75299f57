app "espocrm" {
  title         = "EspoCRM"
  tagline       = "Customers, deals and what comes next"
  description   = "People, firms, meetings, mail and sales of a small team, with fields and views that you shape without programming."
  category      = "business"
  version       = "10.0.3"
  website       = "https://www.espocrm.com"
  source        = "https://github.com/espocrm/espocrm"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 1024
  min_disk      = 1024
  notes         = "Sign in as admin with the password that was made for you. Give it a mail server under Administration, Outbound Emails."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/espocrm/espocrm:10.0.3"
    after = ["db"]
    env = {
      ESPOCRM_ADMIN_USERNAME    = "admin"
      ESPOCRM_ADMIN_PASSWORD    = secret.admin_password
      ESPOCRM_DATABASE_PLATFORM = "Mysql"
      ESPOCRM_DATABASE_HOST     = service.db.host
      ESPOCRM_DATABASE_PORT     = service.db.port
      ESPOCRM_DATABASE_NAME     = "espocrm"
      ESPOCRM_DATABASE_USER     = "espocrm"
      ESPOCRM_DATABASE_PASSWORD = secret.db_password
      ESPOCRM_SITE_URL          = app.url
    }
    volume "data" {
      path  = "/var/www/html/data"
      owner = "33:33"
      kind  = "data"
    }
    volume "custom" {
      path  = "/var/www/html/custom"
      owner = "33:33"
      mode  = "0755"
      kind  = "data"
    }
    volume "client" {
      path  = "/var/www/html/client/custom"
      owner = "33:33"
      mode  = "0755"
      kind  = "data"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path    = "/"
        timeout = 10
      }
    }
    resources {
      cpu        = 200
      memory     = 160
      memory_max = 768
    }
  }

  # Does what is due: mail, reminders, imports.
  service "daemon" {
    image      = "docker.io/espocrm/espocrm:10.0.3"
    entrypoint = ["docker-daemon.sh"]
    after      = ["web"]
    volume "data" {
      path = "/var/www/html/data"
      from = "web"
    }
    volume "custom" {
      path = "/var/www/html/custom"
      from = "web"
    }
    volume "client" {
      path = "/var/www/html/client/custom"
      from = "web"
    }
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 384
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "espocrm"
      MARIADB_USER                 = "espocrm"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u espocrm -p\"$MARIADB_PASSWORD\" espocrm"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
