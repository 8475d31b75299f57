app "tubearchivist" {
  title         = "Tube Archivist"
  tagline       = "Your own searchable archive of YouTube"
  description   = "Subscribe to channels, keep their videos with subtitles and comments, and search all of it in an instant, also after the original is gone. Made for large collections; it wants a strong machine."
  category      = "media"
  version       = "0.5.11"
  website       = "https://www.tubearchivist.com"
  source        = "https://github.com/tubearchivist/tubearchivist"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 4096
  min_disk      = 20480
  notes         = "Sign in with the name that you chose and the password that was made for you. Videos lie in the folder \"web/youtube\" that this app's status names."

  setting "admin_username" {
    title   = "Name to sign in with"
    help    = "Used once, when the first account is made."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "admin_password" {
    title  = "Password to sign in with"
    reveal = true
  }
  secret "search_password" {}

  service "web" {
    image = "docker.io/bbilly1/tubearchivist:v0.5.11"
    after = ["redis", "search"]
    env = {
      ELASTIC_PASSWORD = secret.search_password
      ES_URL           = "http://${service.search.host}:${service.search.port}"
      HOST_GID         = "1000"
      HOST_UID         = "1000"
      REDIS_CON        = "redis://${service.redis.host}:${service.redis.port}"
      TA_HOST          = app.url
      TA_PASSWORD      = secret.admin_password
      TA_USERNAME      = setting.admin_username
      TZ               = pool.timezone
    }
    volume "youtube" {
      path  = "/youtube"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # Settings, accounts and thumbnails, despite its name.
    volume "cache" {
      path  = "/cache"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 8000
      access = "app"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:8000/"] }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 2048
    }
  }

  service "search" {
    image = "docker.io/library/elasticsearch:8.19.6"
    port  = 9200
    env = {
      ELASTIC_PASSWORD                  = secret.search_password
      ES_JAVA_OPTS                      = "-Xms1g -Xmx1g"
      ES_SETTING_DISCOVERY_TYPE         = "single-node"
      ES_SETTING_HTTP_HOST              = "127.0.0.1"
      ES_SETTING_PATH_REPO              = "/usr/share/elasticsearch/data/snapshot"
      ES_SETTING_TRANSPORT_HOST         = "127.0.0.1"
      ES_SETTING_XPACK_SECURITY_ENABLED = "true"
    }
    volume "data" {
      path  = "/usr/share/elasticsearch/data"
      owner = "1000:0"
      mode  = "0770"
      kind  = "database"
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 1536
      memory_max = 2560
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # Bound to the address that just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "60", "1", "--appendonly", "no"]
    volume "data" {
      path  = "/data"
      owner = "999:1000"
      kind  = "database"
    }
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    stop_timeout = 20
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
