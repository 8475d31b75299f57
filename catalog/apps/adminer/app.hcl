app "adminer" {
  title         = "Adminer"
  tagline       = "Any database, on one page"
  description   = "Look into MySQL, MariaDB, PostgreSQL, SQLite and more databases in your network: browse and edit tables, run SQL, import and export."
  category      = "development"
  version       = "5.4.2"
  website       = "https://www.adminer.org"
  source        = "https://github.com/vrana/adminer"
  license       = "Apache-2.0 OR GPL-2.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 128
  min_disk      = 64
  notes         = "Give it the address, name and password of a database that your machine can reach. It keeps none of them."

  setting "default_server" {
    title   = "Database server to suggest"
    type    = "string"
    pattern = "[A-Za-z0-9._:-]*"
  }

  service "web" {
    image = "docker.io/library/adminer:5.4.2"
    env = {
      ADMINER_DEFAULT_SERVER = setting.default_server != "" ? setting.default_server : null
    }
    expose "web" {
      port   = 8080
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 256
    }
  }
}
