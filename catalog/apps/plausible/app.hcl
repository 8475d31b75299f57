app "plausible" {
  title         = "Plausible"
  tagline       = "Your website's numbers on one page"
  description   = "How many people came, from where, and what they read, counted without cookies and without knowing who they were. It is light on your pages, and made for many visits."
  category      = "web"
  version       = "3.2.1"
  website       = "https://plausible.io"
  source        = "https://github.com/plausible/analytics"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Open it right away: the first visitor makes the owner's account, and nobody else can register. Then add a website, and put the line that it shows you into that website's pages. Its store of visits needs a processor with SSE 4.2, or an arm64 one of version 8.2."

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
  secret "secret_key_base" {
    bytes   = 48
    charset = "base64"
  }
  secret "totp_key" {
    bytes   = 32
    charset = "base64"
  }
  secret "db_password" {}

  service "web" {
    image   = "ghcr.io/plausible/community-edition:v3.2.1"
    after   = ["db", "events"]
    command = ["/bin/sh", "-c", "/entrypoint.sh db createdb && /entrypoint.sh db migrate && exec /entrypoint.sh run"]
    env = {
      BASE_URL                = app.url
      HTTP_PORT               = "8000"
      SECRET_KEY_BASE         = secret.secret_key_base
      TOTP_VAULT_KEY          = secret.totp_key
      DATABASE_URL            = "postgres://plausible:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/plausible"
      CLICKHOUSE_DATABASE_URL = "http://${service.events.host}:${service.events.port}/plausible_events_db"
      DISABLE_REGISTRATION    = "invite_only"
      TMPDIR                  = "/var/lib/plausible/tmp"
      MAILER_EMAIL            = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_HOST_ADDR          = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_HOST_PORT          = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USER_NAME          = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_USER_PWD           = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_HOST_SSL_ENABLED   = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
    }
    volume "data" {
      path  = "/var/lib/plausible"
      owner = "999:65533"
    }
    expose "web" {
      port   = 8000
      access = "app"
      health {
        path    = "/api/health"
        timeout = 10
      }
    }
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  # Bound to the address that just this app's services share, so it needs no
  # password; and with little memory and few logs, as its makers advise.
  service "events" {
    image = "docker.io/clickhouse/clickhouse-server:24.12-alpine"
    port  = 8123
    env = {
      CLICKHOUSE_SKIP_USER_SETUP = "1"
    }
    file "/etc/clickhouse-server/config.d/home.xml" {
      content = <<-EOT
        <clickhouse>
          <listen_host replace="replace">127.0.0.1</listen_host>
          <logger><level>warning</level><console>true</console></logger>
          <mark_cache_size>268435456</mark_cache_size>
          <query_thread_log remove="remove"/>
          <query_log remove="remove"/>
          <text_log remove="remove"/>
          <trace_log remove="remove"/>
          <metric_log remove="remove"/>
          <asynchronous_metric_log remove="remove"/>
          <session_log remove="remove"/>
          <part_log remove="remove"/>
        </clickhouse>
      EOT
    }
    file "/etc/clickhouse-server/users.d/home.xml" {
      content = <<-EOT
        <clickhouse>
          <profiles>
            <default>
              <max_threads>1</max_threads>
              <max_block_size>8192</max_block_size>
              <log_queries>0</log_queries>
              <log_query_threads>0</log_query_threads>
            </default>
          </profiles>
        </clickhouse>
      EOT
    }
    volume "data" {
      path  = "/var/lib/clickhouse"
      owner = "101:101"
      kind  = "database"
    }
    health { command = ["wget", "-q", "-O", "-", "http://127.0.0.1:8123/ping"] }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 512
      memory_max = 1536
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "plausible"
      POSTGRES_DB       = "plausible"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "plausible"] }
    backup { command = ["pg_dump", "-U", "plausible", "plausible"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
