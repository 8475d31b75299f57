app "wordpress" {
  title         = "WordPress"
  tagline       = "Your website, written in the browser"
  description   = "Write posts, build pages and choose from thousands of themes and plugins. Four out of ten websites are made with it, so whatever you want to do, somebody has written down how."
  category      = "web"
  version       = "7.0.2"
  website       = "https://wordpress.org"
  source        = "https://github.com/WordPress/WordPress"
  license       = "GPL-2.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 2048
  notes         = "Open it right away: the first visitor chooses the site's name and makes the administrator's account. After that you write at /wp-admin."

  secret "db_password" {}

  service "web" {
    image = "docker.io/library/wordpress:7.0.2-apache"
    after = ["db"]
    env = {
      WORDPRESS_DB_HOST      = "${service.db.host}:${service.db.port}"
      WORDPRESS_DB_NAME      = "wordpress"
      WORDPRESS_DB_USER      = "wordpress"
      WORDPRESS_DB_PASSWORD  = secret.db_password
      WORDPRESS_CONFIG_EXTRA = "define('WP_HOME', '${app.url}'); define('WP_SITEURL', '${app.url}');"
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
      # Answers 200 before and after the site is set up, and 500 without a database. (So
      # does install.php, which first asks wordpress.org for languages, each time.)
      health { path = "/wp-admin/upgrade.php" }
    }
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "wordpress"
      MARIADB_USER                 = "wordpress"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump -u wordpress -p\"$MARIADB_PASSWORD\" --single-transaction wordpress"] }
    stop_timeout = 60
    resources {
      cpu    = 200
      memory = 256
    }
  }
}
