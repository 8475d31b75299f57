app "gatus" {
  title         = "Gatus"
  tagline       = "A page that says what is up"
  description   = "Asks your services every minute whether they answer as they should, shows the last days as green and red bars, and tells you when that changes. What it watches stands in one text file."
  category      = "monitoring"
  version       = "5.36.0"
  website       = "https://gatus.io"
  source        = "https://github.com/TwiN/gatus"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 64
  min_disk      = 128
  notes         = "It starts with an example. Write what it shall watch into config.yaml of its volume config; it notices by itself."

  service "web" {
    image = "ghcr.io/twin/gatus:v5.36.0"
    after = ["first-file"]
    env = {
      GATUS_CONFIG_PATH = "/config/config.yaml"
    }
    volume "config" {
      path = "/config"
      kind = "data"
    }
    volume "data" {
      path = "/data"
      kind = "database"
    }
    expose "web" {
      port   = 8080
      access = "members"
      health { path = "/health" }
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 192
    }
  }

  # Without a file Gatus does not start: this is one to begin with.
  service "first-file" {
    image   = "docker.io/library/alpine:3.22"
    command = ["sh", "-ec", "[ -f /config/config.yaml ] || cp /first/config.yaml /config/config.yaml"]
    once    = true
    file "/first/config.yaml" {
      content = <<-EOT
      storage:
        type: sqlite
        path: /data/data.db
      endpoints:
        - name: This page
          url: ${app.url}
          interval: 5m
          conditions:
            - "[STATUS] < 500"
    EOT
    }
    volume "config" {
      path = "/config"
      from = "web"
    }
    resources {
      cpu        = 50
      memory     = 16
      memory_max = 32
    }
  }
}
