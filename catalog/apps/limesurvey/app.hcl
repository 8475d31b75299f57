app "limesurvey" {
  title         = "LimeSurvey"
  tagline       = "Surveys of every kind and length"
  description   = "Ask customers, members, pupils or the public, with thirty kinds of questions, in many languages, with conditions, and take the answers along for counting."
  category      = "business"
  version       = "6.16.16"
  website       = "https://www.limesurvey.org"
  source        = "https://github.com/LimeSurvey/LimeSurvey"
  license       = "GPL-2.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 1024
  notes         = "Sign in at /admin as admin with the password that was made for you. Your surveys are open to those who have their address."

  setting "admin_email" {
    title   = "Administrator's e-mail address"
    type    = "email"
    default = "admin@localhost.localdomain"
  }
  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/martialblog/limesurvey:6.16.16-260408-apache"
    after = ["db", "first-files"]
    env = {
      ADMIN_USER     = "admin"
      ADMIN_NAME     = "Administrator"
      ADMIN_EMAIL    = setting.admin_email
      ADMIN_PASSWORD = secret.admin_password
      DB_TYPE        = "mysql"
      DB_HOST        = service.db.host
      DB_PORT        = service.db.port
      DB_NAME        = "limesurvey"
      DB_USERNAME    = "limesurvey"
      DB_PASSWORD    = secret.db_password
      PUBLIC_URL     = app.url
      URL_FORMAT     = "path"
    }
    volume "upload" {
      path  = "/var/www/html/upload"
      owner = "33:33"
      mode  = "0755"
      kind  = "data"
    }
    expose "web" {
      port   = 8080
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

  # The image's own themes lie where the volume is, which hides them.
  service "first-files" {
    image      = "docker.io/martialblog/limesurvey:6.16.16-260408-apache"
    entrypoint = ["/bin/sh", "-ec"]
    command    = ["cp -an /var/www/html/upload/. /first/"]
    once       = true
    volume "upload" {
      path = "/first"
      from = "web"
    }
    resources {
      cpu        = 50
      memory     = 16
      memory_max = 64
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "limesurvey"
      MARIADB_USER                 = "limesurvey"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u limesurvey -p\"$MARIADB_PASSWORD\" limesurvey"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
