app "romm" {
  title         = "RomM"
  tagline       = "A shelf for your collection of old games"
  description   = "Recognises the games that you own for dozens of consoles, adds covers and descriptions, and lets you play many of them right in the browser, with saved states kept on your server."
  category      = "games"
  version       = "5.2.0"
  website       = "https://romm.app"
  source        = "https://github.com/rommapp/romm"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 4096
  notes         = "Open it right away: the first visitor makes the administrator's account. Put your games into the folder \"web/library\" that this app's status names, as roms/CONSOLE/FILE, and start a scan. For covers, get a free key from one of the databases that RomM asks (IGDB, ScreenScraper, SteamGridDB) and give it in this app's settings."

  setting "igdb_client_id" {
    title    = "IGDB: client ID"
    type     = "string"
    advanced = true
  }
  setting "igdb_client_secret" {
    title    = "IGDB: client secret"
    type     = "password"
    advanced = true
  }
  setting "screenscraper_user" {
    title    = "ScreenScraper: name"
    type     = "string"
    advanced = true
  }
  setting "screenscraper_password" {
    title    = "ScreenScraper: password"
    type     = "password"
    advanced = true
  }
  setting "steamgriddb_api_key" {
    title    = "SteamGridDB: key"
    type     = "password"
    advanced = true
  }
  secret "auth_key" {
    bytes   = 32
    charset = "hex"
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/rommapp/romm:5.2.0"
    after = ["db"]
    env = {
      DB_HOST                = service.db.host
      DB_NAME                = "romm"
      DB_PASSWD              = secret.db_password
      DB_PORT                = service.db.port
      DB_USER                = "romm"
      IGDB_CLIENT_ID         = setting.igdb_client_id != "" ? setting.igdb_client_id : null
      IGDB_CLIENT_SECRET     = setting.igdb_client_id != "" ? setting.igdb_client_secret : null
      ROMM_AUTH_SECRET_KEY   = secret.auth_key
      SCREENSCRAPER_PASSWORD = setting.screenscraper_user != "" ? setting.screenscraper_password : null
      SCREENSCRAPER_USER     = setting.screenscraper_user != "" ? setting.screenscraper_user : null
      STEAMGRIDDB_API_KEY    = setting.steamgriddb_api_key
      TZ                     = pool.timezone
    }
    volume "library" {
      path  = "/romm/library"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    volume "assets" {
      path  = "/romm/assets"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "config" {
      path  = "/romm/config"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "resources" {
      path  = "/romm/resources"
      owner = "1000:1000"
      kind  = "cache"
    }
    volume "redis-data" {
      path  = "/redis-data"
      owner = "1000:1000"
      kind  = "cache"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health {
        path    = "/api/heartbeat"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 1536
    }
  }

  service "db" {
    image   = "docker.io/library/mariadb:11.8.2"
    port    = 3306
    command = ["mariadbd", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--transaction-isolation=READ-COMMITTED"]
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "romm"
      MARIADB_USER                 = "romm"
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
