app "dolibarr" {
  title         = "Dolibarr"
  tagline       = "The whole of a small firm in one program"
  description   = "Customers, offers, orders, bills, stock, staff and books: turn on the parts that you need and leave the rest away."
  category      = "business"
  version       = "23.0.2"
  website       = "https://www.dolibarr.org"
  source        = "https://github.com/Dolibarr/dolibarr"
  license       = "GPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 1024
  notes         = "The first start fills the database and takes some minutes. Sign in as admin with the password that was made for you, then turn on what you need under Home, Setup, Modules."

  setting "company" {
    title   = "Name of the firm"
    type    = "string"
    default = "My company"
    pattern = "[^\\n\"'\\\\$`]{1,100}"
  }
  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "cron_key" {}
  secret "db_password" {}
  secret "instance_id" { length = 64 }

  service "web" {
    image = "docker.io/dolibarr/dolibarr:23.0.2"
    after = ["db"]
    env = {
      DOLI_ADMIN_LOGIN            = "admin"
      DOLI_ADMIN_PASSWORD         = secret.admin_password
      DOLI_COMPANY_NAME           = setting.company
      DOLI_CRON                   = "0"
      DOLI_CRON_KEY               = secret.cron_key
      DOLI_DB_HOST                = service.db.host
      DOLI_DB_HOST_PORT           = service.db.port
      DOLI_DB_NAME                = "dolibarr"
      DOLI_DB_USER                = "dolibarr"
      DOLI_DB_PASSWORD            = secret.db_password
      DOLI_INSTALL_AUTO           = "1"
      DOLI_INSTANCE_UNIQUE_ID     = secret.instance_id
      DOLI_PROD                   = "1"
      DOLI_URL_ROOT               = app.url
      PHP_INI_DATE_TIMEZONE       = pool.timezone
      PHP_INI_UPLOAD_MAX_FILESIZE = "64M"
      PHP_INI_POST_MAX_SIZE       = "64M"
    }
    volume "documents" {
      path  = "/var/www/documents"
      owner = "33:33"
      kind  = "data"
    }
    volume "custom" {
      path  = "/var/www/html/custom"
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
      memory     = 128
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "dolibarr"
      MARIADB_USER                 = "dolibarr"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u dolibarr -p\"$MARIADB_PASSWORD\" dolibarr"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
