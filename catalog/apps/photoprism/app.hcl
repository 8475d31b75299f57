app "photoprism" {
  title         = "PhotoPrism"
  tagline       = "Browse and find your pictures by what is on them"
  description   = "Indexes the photos and videos that you have, without moving them: by place, person, colour and subject. For collections that are already in folders, with a browser as the only tool you need."
  category      = "photos"
  version       = "260523"
  website       = "https://www.photoprism.app"
  source        = "https://github.com/photoprism/photoprism"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 3072
  min_disk      = 10240
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you. Put your pictures into the folder \"web/originals\" that this app's status names, then start indexing under Library. Phones can send new ones by WebDAV."

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

  service "web" {
    image = "docker.io/photoprism/photoprism:260523"
    after = ["db"]
    env = {
      PHOTOPRISM_ADMIN_PASSWORD    = secret.admin_password
      PHOTOPRISM_ADMIN_USER        = setting.admin_username
      PHOTOPRISM_AUTH_MODE         = "password"
      PHOTOPRISM_DATABASE_DRIVER   = "mysql"
      PHOTOPRISM_DATABASE_NAME     = "photoprism"
      PHOTOPRISM_DATABASE_PASSWORD = secret.db_password
      PHOTOPRISM_DATABASE_SERVER   = "${service.db.host}:${service.db.port}"
      PHOTOPRISM_DATABASE_USER     = "photoprism"
      PHOTOPRISM_DEFAULT_TLS       = "false"
      PHOTOPRISM_DISABLE_TLS       = "true"
      PHOTOPRISM_GID               = "1000"
      PHOTOPRISM_HTTP_PORT         = "2342"
      PHOTOPRISM_SITE_URL          = "${app.url}/"
      PHOTOPRISM_TRUSTED_PROXY     = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      PHOTOPRISM_UID               = "1000"
      TZ                           = pool.timezone
    }
    workdir = "/photoprism"
    volume "originals" {
      path  = "/photoprism/originals"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    volume "storage" {
      path  = "/photoprism/storage"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 2342
      access = "app"
      health {
        path     = "/api/v1/status"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 1024
      memory_max = 4096
    }
  }

  service "db" {
    image   = "docker.io/library/mariadb:11.8.2"
    port    = 3306
    command = ["mariadbd", "--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci", "--transaction-isolation=READ-COMMITTED"]
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "photoprism"
      MARIADB_USER                 = "photoprism"
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
