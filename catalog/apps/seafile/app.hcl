app "seafile" {
  title         = "Seafile"
  tagline       = "Fast file syncing for large libraries"
  description   = "Keeps libraries of files in step between computers, phones and the web, sends only what changed, and holds old versions. Libraries can be encrypted so that not even your server reads them."
  category      = "files"
  version       = "13.0.25"
  website       = "https://www.seafile.com"
  source        = "https://github.com/haiwen/seafile-server"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 4096
  notes         = "The first start takes a few minutes. Sign in with the e-mail address that you gave and the password that was made for you. Install Seafile's app on computers and phones and give it this address."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    help     = "You sign in with it."
    type     = "email"
    required = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "db_password" {}
  secret "db_root_password" {}
  secret "jwt_key" { length = 48 }

  service "web" {
    image = "docker.io/seafileltd/seafile-mc:13.0.25"
    after = ["db", "redis"]
    env = {
      CACHE_PROVIDER                   = "redis"
      CSRF_TRUSTED_ORIGINS             = jsonencode([app.url])
      ENABLE_NOTIFICATION_SERVER       = "false"
      ENABLE_SEADOC                    = "false"
      ENABLE_SEAFILE_AI                = "false"
      INIT_SEAFILE_ADMIN_EMAIL         = setting.admin_email
      INIT_SEAFILE_ADMIN_PASSWORD      = secret.admin_password
      INIT_SEAFILE_MYSQL_ROOT_PASSWORD = secret.db_root_password
      JWT_PRIVATE_KEY                  = secret.jwt_key
      NON_ROOT                         = "false"
      REDIS_HOST                       = service.redis.host
      REDIS_PORT                       = service.redis.port
      SEAFILE_LOG_TO_STDOUT            = "true"
      SEAFILE_MYSQL_DB_CCNET_DB_NAME   = "ccnet_db"
      SEAFILE_MYSQL_DB_HOST            = service.db.host
      SEAFILE_MYSQL_DB_PASSWORD        = secret.db_password
      SEAFILE_MYSQL_DB_PORT            = service.db.port
      SEAFILE_MYSQL_DB_SEAFILE_DB_NAME = "seafile_db"
      SEAFILE_MYSQL_DB_SEAHUB_DB_NAME  = "seahub_db"
      SEAFILE_MYSQL_DB_USER            = "seafile"
      # With the port, where it is not the usual one.
      SEAFILE_SERVER_HOSTNAME = trimprefix(trimprefix(app.url, "https://"), "http://")
      SEAFILE_SERVER_PROTOCOL = replace(app.url, "https://", "") != app.url ? "https" : "http"
      SITE_ROOT               = "/"
      TIME_ZONE               = pool.timezone
    }
    volume "data" {
      path  = "/shared"
      owner = "0:0"
      kind  = "data"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path     = "/api2/ping/"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 768
      memory_max = 2048
    }
  }

  # Seafile makes its three databases and its own user with the root password.
  service "db" {
    image   = "docker.io/library/mariadb:11.4.5"
    port    = 3306
    command = ["mariadbd", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci"]
    env = {
      MARIADB_AUTO_UPGRADE  = "1"
      MARIADB_ROOT_PASSWORD = secret.db_root_password
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "MYSQL_PWD=\"$MARIADB_ROOT_PASSWORD\" exec mariadb-dump --single-transaction -u root --all-databases"] }
    stop_timeout = 60
    resources {
      cpu    = 200
      memory = 256
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # What is remembered to be quick, so nothing goes to disk; bound to the
    # address that just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    tmpfs   = ["/data"]
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
