app "victoriametrics" {
  title         = "VictoriaMetrics"
  tagline       = "Keeps measurements for years in little room"
  description   = "A store for figures over time that takes what Prometheus, InfluxDB and Graphite clients send, needs little memory, and answers Grafana."
  category      = "monitoring"
  version       = "1.136.0"
  website       = "https://victoriametrics.com"
  source        = "https://github.com/VictoriaMetrics/VictoriaMetrics"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "metrics"
  min_memory    = 384
  min_disk      = 4096
  notes         = "Everything asks for the name metrics and the password that was made for you: the page at /vmui, programs that write, and Grafana."

  setting "retention_days" {
    title   = "Days to remember"
    type    = "number"
    default = 365
    min     = 1
    max     = 36500
  }
  secret "password" {
    title  = "Password of the user metrics"
    reveal = true
  }

  service "web" {
    image   = "docker.io/victoriametrics/victoria-metrics:v1.136.0"
    command = ["-envflag.enable", "-storageDataPath=/storage", "-retentionPeriod=${setting.retention_days}d"]
    env = {
      httpAuth_username = "metrics"
      httpAuth_password = secret.password
    }
    volume "data" {
      path = "/storage"
      kind = "database"
    }
    expose "web" {
      port   = 8428
      access = "app"
      health {}
    }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 1024
    }
  }
}
