app "peertube" {
  title         = "PeerTube"
  tagline       = "Your own video channel, joined with others"
  description   = "Upload videos, stream live and let people comment and subscribe, from your own address. Viewers help carry popular videos to each other, and people on Mastodon can follow your channel."
  category      = "media"
  version       = "8.2.4"
  website       = "https://joinpeertube.org"
  source        = "https://github.com/Chocobozzz/PeerTube"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "root"
  min_memory    = 2048
  min_disk      = 20480
  notes         = "Sign in as root with the password that was made for you, and make an ordinary account for your videos. Live streams come in on port 1935. The host name cannot be changed later, since other servers remember it."

  setting "admin_email" {
    title = "Administrator's e-mail address"
    help  = "Empty: admin at the app's host name."
    type  = "email"
  }
  setting "signup" {
    title    = "Let others make accounts"
    type     = "bool"
    default  = false
    advanced = true
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "The server through which it sends mail. Leave it empty, and it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.-]*"
    advanced = true
  }
  setting "smtp_port" {
    title    = "Mail server's port"
    type     = "number"
    default  = 587
    min      = 1
    max      = 65535
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption of the way to the mail server"
    help     = "starttls is usual on port 587, tls on port 465."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }
  setting "smtp_username" {
    title    = "Name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Sender's address"
    help     = "Who its mail comes from."
    type     = "email"
    advanced = true
  }
  secret "root_password" {
    title  = "Password of root"
    reveal = true
  }
  secret "app_secret" {
    bytes   = 32
    charset = "hex"
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/chocobozzz/peertube:v8.2.4"
    after = ["db", "redis"]
    env = {
      PT_INITIAL_ROOT_PASSWORD    = secret.root_password
      PEERTUBE_SECRET             = secret.app_secret
      PEERTUBE_ADMIN_EMAIL        = setting.admin_email != "" ? setting.admin_email : "admin@${app.host}"
      PEERTUBE_WEBSERVER_HOSTNAME = app.host
      # The port in the address, if it says one.
      PEERTUBE_WEBSERVER_PORT        = app.url == "https://${app.host}" ? "443" : (app.url == "http://${app.host}" ? "80" : replace(replace(app.url, "https://${app.host}:", ""), "http://${app.host}:", ""))
      PEERTUBE_WEBSERVER_HTTPS       = replace(app.url, "https://", "") != app.url
      PEERTUBE_TRUST_PROXY           = "[\"127.0.0.1\", \"loopback\", \"10.0.0.0/8\", \"172.16.0.0/12\", \"192.168.0.0/16\"]"
      PEERTUBE_DB_HOSTNAME           = service.db.host
      PEERTUBE_DB_PORT               = service.db.port
      PEERTUBE_DB_NAME               = "peertube"
      PEERTUBE_DB_USERNAME           = "peertube"
      PEERTUBE_DB_PASSWORD           = secret.db_password
      PEERTUBE_DB_SSL                = "false"
      PEERTUBE_REDIS_HOSTNAME        = service.redis.host
      PEERTUBE_REDIS_PORT            = service.redis.port
      PEERTUBE_SIGNUP_ENABLED        = setting.signup
      PEERTUBE_SMTP_HOSTNAME         = setting.smtp_host != "" ? setting.smtp_host : null
      PEERTUBE_SMTP_PORT             = setting.smtp_host != "" ? setting.smtp_port : null
      PEERTUBE_SMTP_USERNAME         = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      PEERTUBE_SMTP_PASSWORD         = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      PEERTUBE_SMTP_FROM             = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      PEERTUBE_SMTP_TLS              = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      PEERTUBE_SMTP_DISABLE_STARTTLS = setting.smtp_host != "" ? setting.smtp_security == "none" : null
      TZ                             = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "999:999"
      kind  = "media"
    }
    volume "config" {
      path  = "/config"
      owner = "999:999"
    }
    port "rtmp" {
      port  = 1935
      title = "Live streams that come in"
    }
    expose "web" {
      port   = 9000
      access = "app"
      health {
        path     = "/api/v1/ping"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 1000
      memory     = 768
      memory_max = 3072
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "peertube"
      POSTGRES_DB       = "peertube"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "peertube"] }
    backup { command = ["pg_dump", "-U", "peertube", "peertube"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
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
