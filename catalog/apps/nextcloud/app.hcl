app "nextcloud" {
  title         = "Nextcloud"
  tagline       = "Files, calendar, contacts and more, together"
  description   = "The office that you otherwise rent: files that sync to every device, calendars and contacts for your phone, shared documents, and a shop of add-ons for calls, notes, mail and photos."
  category      = "office"
  version       = "34.0.2"
  website       = "https://nextcloud.com"
  source        = "https://github.com/nextcloud/server"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 2048
  min_disk      = 4096
  notes         = "The first start takes some minutes. Sign in with the administrator's name that you chose and the password that was made for you, then make an ordinary account for your daily use. Phones and computers connect with the Nextcloud apps and this address."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, when the first account is made."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._@-]{0,63}"
  }
  setting "upload_limit" {
    title    = "Largest upload"
    help     = "A number with M or G. The Nextcloud apps split larger files by themselves."
    type     = "string"
    default  = "2G"
    pattern  = "[1-9][0-9]{0,3}[MG]"
    advanced = true
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "Which server sends the app's mail. Left empty, it sends none, or what its own settings say."
    type     = "string"
    pattern  = "[A-Za-z0-9.:_-]{0,253}"
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
  # Nextcloud asks for the two halves of the sender's address apart.
  setting "smtp_from" {
    title    = "Sender, before the @"
    type     = "string"
    default  = "nextcloud"
    pattern  = "[A-Za-z0-9._+-]{1,64}"
    advanced = true
  }
  setting "smtp_from_domain" {
    title    = "Sender, after the @"
    help     = "Left empty, your cloud's domain."
    type     = "string"
    pattern  = "[A-Za-z0-9.-]{0,253}"
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption to the mail server"
    help     = "Port 587 mostly wants starttls, port 465 tls."
    type     = "choice"
    choices  = ["starttls", "tls"]
    default  = "starttls"
    advanced = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/library/nextcloud:34.0.2-apache"
    after = ["db", "redis"]
    # Nextcloud's background work runs beside the web server, in the one
    # container that has the files. /cron.sh and NEXTCLOUD_UPDATE are the
    # image's own; the latter makes it set up although the command is not its.
    command = ["/bin/sh", "-c", "/cron.sh & exec apache2-foreground"]
    env = {
      NEXTCLOUD_UPDATE          = "1"
      NEXTCLOUD_ADMIN_USER      = setting.admin_username
      NEXTCLOUD_ADMIN_PASSWORD  = secret.admin_password
      NEXTCLOUD_TRUSTED_DOMAINS = app.host
      OVERWRITECLIURL           = app.url
      PHP_UPLOAD_LIMIT          = setting.upload_limit
      POSTGRES_HOST             = "${service.db.host}:${service.db.port}"
      POSTGRES_DB               = "nextcloud"
      POSTGRES_USER             = "nextcloud"
      POSTGRES_PASSWORD         = secret.db_password
      REDIS_HOST                = service.redis.host
      REDIS_HOST_PORT           = service.redis.port
      MAIL_DOMAIN               = setting.smtp_host != "" ? (setting.smtp_from_domain != "" ? setting.smtp_from_domain : pool.domain) : null
      MAIL_FROM_ADDRESS         = setting.smtp_host != "" ? setting.smtp_from : null
      SMTP_HOST                 = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_NAME                 = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD             = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_PORT                 = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_SECURE               = setting.smtp_host != "" && setting.smtp_security == "tls" ? "ssl" : null
      TRUSTED_PROXIES           = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16"
      TZ                        = pool.timezone
    }
    volume "html" {
      path  = "/var/www/html"
      owner = "33:33"
      kind  = "data"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path     = "/status.php"
        interval = 30
        timeout  = 10
      }
    }
    init         = true
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 1536
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "nextcloud"
      POSTGRES_DB       = "nextcloud"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "nextcloud"] }
    backup { command = ["pg_dump", "-U", "nextcloud", "nextcloud"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 200
      memory = 256
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # Locks and sessions only, so nothing goes to disk; bound to the address
    # that just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru"]
    tmpfs   = ["/data"]
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
