app "booklore" {
  title         = "BookLore"
  tagline       = "A shelf for all your e-books, with a reader"
  description   = "Sorts e-books, PDFs and comics into shelves that fill themselves by rules, finds covers and descriptions, and reads in the browser, for each member of the house with their own place in the book."
  category      = "reading"
  version       = "2.3.1"
  website       = "https://github.com/booklore-app/booklore"
  source        = "https://github.com/booklore-app/booklore"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 2048
  notes         = "Open it right away: the first visitor makes the administrator's account. Put books into the folder \"web/books\" that this app's status names and add /books as a library, or drop new ones into \"web/bookdrop\"."

  secret "db_password" {}

  service "web" {
    image = "ghcr.io/booklore-app/booklore:v2.3.1"
    after = ["db"]
    env = {
      BOOKLORE_PORT     = "6060"
      DATABASE_PASSWORD = secret.db_password
      DATABASE_URL      = "jdbc:mariadb://${service.db.host}:${service.db.port}/booklore"
      DATABASE_USERNAME = "booklore"
      GROUP_ID          = "1000"
      SWAGGER_ENABLED   = "false"
      TZ                = pool.timezone
      USER_ID           = "1000"
    }
    volume "data" {
      path  = "/app/data"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "books" {
      path  = "/books"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    volume "bookdrop" {
      path  = "/bookdrop"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 6060
      access = "app"
      health {
        path     = "/api/v1/healthcheck"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 640
      memory_max = 1536
    }
  }

  service "db" {
    image   = "docker.io/library/mariadb:11.8.2"
    port    = 3306
    command = ["mariadbd", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--transaction-isolation=READ-COMMITTED"]
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "booklore"
      MARIADB_USER                 = "booklore"
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
      memory = 256
    }
  }
}
