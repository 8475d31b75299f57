app "influxdb" {
  title         = "InfluxDB"
  tagline       = "A database for measurements"
  description   = "Takes in what sensors, meters and machines report by the second, thins it out with age, and draws it. Home Assistant, Telegraf and Grafana know it."
  category      = "monitoring"
  version       = "2.9.1"
  website       = "https://www.influxdata.com"
  source        = "https://github.com/influxdata/influxdb"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 4096
  notes         = "Sign in as admin with the password that was made for you. Programs write with the token, into the bucket that you named."

  setting "organization" {
    title   = "Organization"
    type    = "string"
    default = "home"
    pattern = "[A-Za-z0-9._ -]{1,64}"
  }
  setting "bucket" {
    title   = "First bucket"
    type    = "string"
    default = "home"
    pattern = "[A-Za-z0-9._ -]{1,64}"
  }
  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "admin_token" {
    title  = "Token for programs, with all rights"
    reveal = true
    length = 64
  }

  service "web" {
    image = "docker.io/library/influxdb:2.9.1-alpine"
    env = {
      DOCKER_INFLUXDB_INIT_MODE        = "setup"
      DOCKER_INFLUXDB_INIT_USERNAME    = "admin"
      DOCKER_INFLUXDB_INIT_PASSWORD    = secret.admin_password
      DOCKER_INFLUXDB_INIT_ADMIN_TOKEN = secret.admin_token
      DOCKER_INFLUXDB_INIT_ORG         = setting.organization
      DOCKER_INFLUXDB_INIT_BUCKET      = setting.bucket
      INFLUXD_REPORTING_DISABLED       = "true"
    }
    volume "data" {
      path  = "/var/lib/influxdb2"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "config" {
      path  = "/etc/influxdb2"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 8086
      access = "app"
      health { path = "/health" }
    }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1536
    }
  }
}
