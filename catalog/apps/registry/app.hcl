app "registry" {
  title         = "Docker Registry"
  tagline       = "A shelf for your container images"
  description   = "Push the images that you build, and pull them from all of your machines. A small page shows what is there."
  category      = "development"
  version       = "3.0.0"
  website       = "https://distribution.github.io/distribution/"
  source        = "https://github.com/distribution/distribution"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "docker"
  min_memory    = 256
  min_disk      = 10240
  notes         = "Sign in as docker with the password that was made for you: docker login and this app's host name for the command line, the same in the browser for the page."

  secret "password" {
    title  = "Password of the user docker"
    reveal = true
  }
  secret "http_secret" { length = 64 }

  # The page; it hands what belongs to the registry on to it.
  service "web" {
    image = "docker.io/joxit/docker-registry-ui:2.5.7"
    after = ["registry"]
    env = {
      DELETE_IMAGES        = "true"
      NGINX_PROXY_PASS_URL = "http://${service.registry.host}:${service.registry.port}"
      REGISTRY_TITLE       = app.host
      SHOW_CONTENT_DIGEST  = "true"
      SINGLE_REGISTRY      = "true"
    }
    expose "web" {
      port   = 80
      access = "app"
      health { path = "/" }
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 128
    }
  }

  service "registry" {
    image = "docker.io/library/registry:3.0.0"
    after = ["account"]
    port  = 5000
    env = {
      OTEL_TRACES_EXPORTER            = "none"
      REGISTRY_AUTH                   = "htpasswd"
      REGISTRY_AUTH_HTPASSWD_PATH     = "/auth/htpasswd"
      REGISTRY_AUTH_HTPASSWD_REALM    = "Registry"
      REGISTRY_HTTP_ADDR              = "0.0.0.0:5000"
      REGISTRY_HTTP_HOST              = app.url
      REGISTRY_HTTP_SECRET            = secret.http_secret
      REGISTRY_STORAGE_DELETE_ENABLED = "true"
    }
    volume "data" {
      path = "/var/lib/registry"
      kind = "data"
    }
    volume "auth" {
      path = "/auth"
      kind = "data"
    }
    resources {
      cpu        = 100
      memory     = 64
      memory_max = 512
    }
  }

  service "account" {
    image      = "docker.io/library/httpd:2.4.65-alpine"
    entrypoint = ["/bin/sh", "-ec"]
    command    = ["printf %s \"$PASSWORD\" | htpasswd -iBc /auth/htpasswd docker"]
    once       = true
    env = {
      PASSWORD = secret.password
    }
    volume "auth" {
      path = "/auth"
      from = "registry"
    }
    resources {
      cpu        = 50
      memory     = 16
      memory_max = 64
    }
  }
}
