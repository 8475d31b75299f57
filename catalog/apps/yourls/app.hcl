app "yourls" {
  title         = "YOURLS"
  tagline       = "Short links under your own name"
  description   = "Turn long addresses into short ones that are yours, see how often each is followed and from where, and add what you miss from a large box of plugins."
  category      = "tools"
  version       = "1.9.2"
  website       = "https://yourls.org"
  source        = "https://github.com/YOURLS/YOURLS"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 512
  notes         = "Open /admin, let it make its tables, and sign in as admin with the password that was made for you. Links are open to everybody; making them is not."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "cookie_key" { length = 64 }
  secret "db_password" {}

  service "web" {
    image = "docker.io/library/yourls:1.9.2-apache"
    after = ["db"]
    env = {
      YOURLS_COOKIEKEY = secret.cookie_key
      YOURLS_DB_HOST   = service.db.host
      YOURLS_DB_NAME   = "yourls"
      YOURLS_DB_USER   = "yourls"
      YOURLS_DB_PASS   = secret.db_password
      YOURLS_SITE      = app.url
      YOURLS_USER      = "admin"
      YOURLS_PASS      = secret.admin_password
    }
    volume "html" {
      path  = "/var/www/html"
      owner = "33:33"
      mode  = "0755"
      kind  = "data"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {}
    }
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 384
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "yourls"
      MARIADB_USER                 = "yourls"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u yourls -p\"$MARIADB_PASSWORD\" yourls"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
