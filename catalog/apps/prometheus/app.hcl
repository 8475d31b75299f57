app "prometheus" {
  title         = "Prometheus"
  tagline       = "Measures your machines and remembers"
  description   = "Asks your machines and programs every few seconds how they are, keeps the answers for weeks, and finds in them what you ask for. Grafana draws it."
  category      = "monitoring"
  version       = "3.14.0"
  website       = "https://prometheus.io"
  source        = "https://github.com/prometheus/prometheus"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 4096
  notes         = "Name what it shall ask under its settings. It asks nobody to sign in, so its front door lets only your home network pass."

  setting "targets" {
    title   = "What it asks"
    help    = "Hosts with ports, with commas between: nas.lan:9100,router.lan:9100. Each must answer at /metrics."
    type    = "string"
    default = "localhost:9090"
    pattern = "[A-Za-z0-9._-]+:[0-9]+(,[A-Za-z0-9._-]+:[0-9]+)*"
  }
  setting "retention_days" {
    title   = "Days to remember"
    type    = "number"
    default = 30
    min     = 1
    max     = 3650
  }
  setting "interval_seconds" {
    title    = "Seconds between two looks"
    type     = "number"
    default  = 30
    min      = 5
    max      = 3600
    advanced = true
  }

  service "web" {
    image = "docker.io/prom/prometheus:v3.14.0"
    command = [
      "--config.file=/etc/prometheus/prometheus.yml",
      "--storage.tsdb.path=/prometheus",
      "--storage.tsdb.retention.time=${setting.retention_days}d",
      "--web.external-url=${app.url}/",
    ]
    file "/etc/prometheus/prometheus.yml" {
      content = <<-EOT
      global:
        scrape_interval: ${setting.interval_seconds}s
        evaluation_interval: ${setting.interval_seconds}s
      scrape_configs:
        - job_name: targets
          static_configs:
            - targets: ["${replace(setting.targets, ",", "\", \"")}"]
    EOT
    }
    volume "data" {
      path  = "/prometheus"
      owner = "65534:65534"
      kind  = "database"
    }
    expose "web" {
      port   = 9090
      access = "private"
      health { path = "/-/healthy" }
    }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1536
    }
  }
}
