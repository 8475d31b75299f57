app "glance" {
  title         = "Glance"
  tagline       = "What is new, on one page"
  description   = "Feeds, weather, prices, videos, releases and your bookmarks side by side, loaded at once and read in a minute."
  category      = "tools"
  version       = "0.8.5"
  website       = "https://github.com/glanceapp/glance"
  source        = "https://github.com/glanceapp/glance"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 64
  min_disk      = 64
  notes         = "It starts with a page of examples. Change glance.yml in its volume config to what you want to see; it notices by itself."

  service "web" {
    image = "docker.io/glanceapp/glance:v0.8.5"
    after = ["first-page"]
    env = {
      TZ = pool.timezone
    }
    volume "config" {
      path = "/app/config"
      kind = "data"
    }
    expose "web" {
      port   = 8080
      access = "private"
      health { path = "/api/healthz" }
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 192
    }
  }

  # Without a file Glance does not start: this is one to begin with.
  service "first-page" {
    image      = "docker.io/glanceapp/glance:v0.8.5"
    entrypoint = ["/bin/sh", "-ec"]
    command    = ["[ -f /app/config/glance.yml ] || cp /first/glance.yml /app/config/glance.yml"]
    once       = true
    file "/first/glance.yml" {
      content = <<-EOT
      server:
        proxied: true
      pages:
        - name: Home
          columns:
            - size: small
              widgets:
                - type: calendar
                - type: weather
                  location: London, United Kingdom
            - size: full
              widgets:
                - type: search
                  search-engine: duckduckgo
                  autofocus: true
                - type: hacker-news
                - type: lobsters
            - size: small
              widgets:
                - type: bookmarks
                  groups:
                    - title: Home
                      links:
                        - title: Your cloud
                          url: ${trimprefix(app.url, "https://") != app.url ? "https" : "http"}://${pool.domain}
    EOT
    }
    volume "config" {
      path = "/app/config"
      from = "web"
    }
    resources {
      cpu        = 50
      memory     = 16
      memory_max = 64
    }
  }
}
