app "piwigo" {
  title         = "Piwigo"
  tagline       = "Photo galleries for clubs, firms and families"
  description   = "Holds large collections of photographs in albums with rights for groups and people, tags, comments and hundreds of add-ons. It has been doing that for more than twenty years."
  category      = "photos"
  version       = "16.4.0"
  website       = "https://piwigo.org"
  source        = "https://github.com/Piwigo/Piwigo"
  license       = "GPL-2.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 768
  min_disk      = 4096
  notes         = "Open it right away: the first visitor sets it up and makes the webmaster's account. When it asks for the database: host 127.0.0.1, user piwigo, database piwigo, and the password that was made for you."

  secret "db_password" {
    title  = "Password of the database"
    reveal = true
  }

  service "web" {
    image = "lscr.io/linuxserver/piwigo:16.4.0"
    after = ["db"]
    env = {
      PGID = "1000"
      PUID = "1000"
      TZ   = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "gallery" {
      path  = "/gallery"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 80
      access = "app"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:80/"] }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 768
    }
  }

  service "db" {
    image   = "docker.io/library/mariadb:11.8.2"
    port    = 3306
    command = ["mariadbd", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--transaction-isolation=READ-COMMITTED"]
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "piwigo"
      MARIADB_USER                 = "piwigo"
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
