app "joomla" {
  title         = "Joomla"
  tagline       = "A website that grows with your club or company"
  description   = "Pages, articles, menus, members' areas and several languages, all in the browser, with extensions for what is missing."
  category      = "web"
  version       = "6.1.0"
  website       = "https://www.joomla.org"
  source        = "https://github.com/joomla/joomla-cms"
  license       = "GPL-2.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 2048
  notes         = "Sign in at /administrator with the administrator's name that you chose and the password that was made for you."

  setting "site_name" {
    title   = "The site's name"
    help    = "Used once."
    type    = "string"
    default = "Joomla"
    pattern = "[^\"'$`\\\\]{1,60}"
  }
  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, for the first account."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9._-]{2,60}"
  }
  setting "admin_email" {
    title = "Administrator's e-mail address"
    help  = "Empty: the administrator's name at the app's host name. Used once."
    type  = "email"
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/library/joomla:6.1.0-apache"
    after = ["db"]
    env = {
      JOOMLA_DB_HOST        = "${service.db.host}:${service.db.port}"
      JOOMLA_DB_USER        = "joomla"
      JOOMLA_DB_PASSWORD    = secret.db_password
      JOOMLA_DB_NAME        = "joomla"
      JOOMLA_SITE_NAME      = setting.site_name
      JOOMLA_ADMIN_USER     = "Administrator"
      JOOMLA_ADMIN_USERNAME = setting.admin_username
      JOOMLA_ADMIN_PASSWORD = secret.admin_password
      JOOMLA_ADMIN_EMAIL    = setting.admin_email != "" ? setting.admin_email : "${setting.admin_username}@${app.host}"
    }
    volume "html" {
      path  = "/var/www/html"
      owner = "33:33"
      mode  = "0755"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {}
    }
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 512
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "joomla"
      MARIADB_USER                 = "joomla"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u \"$MARIADB_USER\" -p\"$MARIADB_PASSWORD\" \"$MARIADB_DATABASE\""] }
    stop_timeout = 60
    resources {
      cpu    = 200
      memory = 256
    }
  }
}
