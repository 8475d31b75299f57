app "phpmyadmin" {
  title         = "phpMyAdmin"
  tagline       = "MySQL and MariaDB in the browser"
  description   = "Browse tables, write SQL, change structures and rights, import and export, for every MySQL and MariaDB server that your machine can reach."
  category      = "development"
  version       = "5.2.3"
  website       = "https://www.phpmyadmin.net"
  source        = "https://github.com/phpmyadmin/phpmyadmin"
  license       = "GPL-2.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 64
  notes         = "Sign in with the server, name and password of one of your databases; they are asked for each time."

  setting "server" {
    title   = "Database server"
    help    = "Leave it empty to be asked at each sign-in."
    type    = "string"
    pattern = "[A-Za-z0-9._-]*"
  }
  setting "server_port" {
    title    = "Database server's port"
    type     = "number"
    default  = 3306
    min      = 1
    max      = 65535
    advanced = true
  }

  service "web" {
    image = "docker.io/library/phpmyadmin:5.2.3"
    env = {
      PMA_ABSOLUTE_URI = "${app.url}/"
      PMA_ARBITRARY    = setting.server == "" ? "1" : null
      PMA_HOST         = setting.server != "" ? setting.server : null
      PMA_PORT         = setting.server != "" ? setting.server_port : null
      UPLOAD_LIMIT     = "256M"
      TZ               = pool.timezone
    }
    expose "web" {
      port   = 80
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 512
    }
  }
}
