app "searxng" {
  title         = "SearXNG"
  tagline       = "Ask many search engines without being known to any"
  description   = "It passes your question on to the engines that you choose, without a cookie and without your address, and puts their answers into one list."
  category      = "search"
  version       = "2026.8.20"
  website       = "https://docs.searxng.org"
  source        = "https://github.com/searxng/searxng"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 256
  notes         = "Add it as a search engine in your browser: open it, and the browser offers that by itself. Engines and much else are chosen in settings.yml in its config volume."

  setting "instance_name" {
    title   = "Its name"
    type    = "string"
    default = "SearXNG"
  }
  setting "image_proxy" {
    title    = "Fetch pictures through your cloud"
    help     = "So that the sites that they come from do not see you."
    type     = "bool"
    default  = true
    advanced = true
  }
  secret "secret_key" {
    bytes   = 32
    charset = "hex"
  }

  service "web" {
    image = "ghcr.io/searxng/searxng:2026.8.20-487d7a96e"
    env = {
      SEARXNG_BASE_URL     = "${app.url}/"
      SEARXNG_SECRET       = secret.secret_key
      SEARXNG_BIND_ADDRESS = "0.0.0.0"
      SEARXNG_PORT         = "8080"
      SEARXNG_LIMITER      = "false"
      SEARXNG_IMAGE_PROXY  = setting.image_proxy
      INSTANCE_NAME        = setting.instance_name
      TZ                   = pool.timezone
    }
    volume "config" {
      path  = "/etc/searxng"
      owner = "977:977"
      mode  = "0755"
    }
    volume "cache" {
      path  = "/var/cache/searxng"
      owner = "977:977"
      kind  = "cache"
    }
    expose "web" {
      port   = 8080
      access = "members"
      health { path = "/healthz" }
    }
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }
}
