app "misskey" {
  title         = "Misskey"
  tagline       = "A playful server for the open social network"
  description   = "Notes, reactions of every kind, drives for your files, antennas that collect what interests you, pages and small games. It talks with Mastodon and the others, and looks the way you like."
  category      = "social"
  version       = "2026.7.0"
  website       = "https://misskey-hub.net"
  source        = "https://github.com/misskey-dev/misskey"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 8192
  notes         = "The first start takes some minutes. Open it, and it asks for the setup password before it makes the administrator's account. The host name cannot be changed later, since other servers remember it. Mail is set up in the control panel, under Email server."

  secret "setup_password" {
    title  = "Setup password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/misskey/misskey:2026.7.0"
    after = ["db", "redis"]
    env = {
      NODE_ENV = "production"
      TZ       = pool.timezone
    }
    file "/misskey/.config/default.yml" {
      content = <<-EOT
        url: ${app.url}/
        port: 3000
        setupPassword: "${secret.setup_password}"
        db:
          host: ${service.db.host}
          port: ${service.db.port}
          db: misskey
          user: misskey
          pass: "${secret.db_password}"
        dbReplications: false
        redis:
          host: ${service.redis.host}
          port: ${service.redis.port}
        fulltextSearch:
          provider: sqlLike
        id: aidx
        proxyBypassHosts:
          - api.deepl.com
          - api-free.deepl.com
          - www.recaptcha.net
          - hcaptcha.com
          - challenges.cloudflare.com
        proxyRemoteFiles: true
        signToActivityPubGet: true
        trustProxy:
          - 127.0.0.1/32
          - 10.0.0.0/8
          - 172.16.0.0/12
          - 192.168.0.0/16
      EOT
    }
    volume "files" {
      path  = "/misskey/files"
      owner = "991:991"
      kind  = "media"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health {
        path    = "/healthz"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 768
      memory_max = 2048
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "misskey"
      POSTGRES_DB       = "misskey"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "misskey"] }
    backup { command = ["pg_dump", "-U", "misskey", "misskey"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 256
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # The queues of work live here, so it keeps them; bound to the address that
    # just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "60", "1", "--appendonly", "no"]
    volume "data" {
      path  = "/data"
      owner = "999:1000"
      kind  = "database"
    }
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    # The dump goes to the standard output; nothing else may.
    backup { command = ["redis-cli", "-h", "127.0.0.1", "--rdb", "-"] }
    stop_timeout = 15
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 512
    }
  }
}
