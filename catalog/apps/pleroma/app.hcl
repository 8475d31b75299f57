app "pleroma" {
  title         = "Pleroma"
  tagline       = "A light server for the open social network"
  description   = "Long posts, chats, quotes and reactions, with little memory and much freedom in how it looks. It talks with Mastodon and the others, and works with their apps."
  category      = "social"
  version       = "2.9.1"
  website       = "https://pleroma.social"
  source        = "https://git.pleroma.social/pleroma/pleroma"
  license       = "AGPL-3.0-only"
  architectures = ["amd64"]
  min_memory    = 1536
  min_disk      = 4096
  notes         = "Each start takes some minutes, since it is put together anew. Sign in with the name that you chose and the password that was made for you; /pleroma/admin is where you run it. The host name cannot be changed later, since other servers remember it."

  setting "owner_username" {
    title   = "Your name in the network"
    help    = "What stands before this app's host name in your address. Used once, for the first account."
    type    = "string"
    default = "me"
    pattern = "[A-Za-z0-9_]{1,30}"
  }
  setting "owner_email" {
    title = "Your e-mail address"
    help  = "Empty: your name at the app's host name."
    type  = "email"
  }
  setting "instance_name" {
    title   = "The server's name"
    type    = "string"
    default = "Pleroma"
  }
  setting "registrations" {
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
  secret "owner_password" {
    title  = "Your first password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    # Its makers' own registry is gone; this is the best-kept build from their source.
    image      = "ghcr.io/explodingcamera/pleroma:2.9.1"
    after      = ["db"]
    entrypoint = ["/bin/sh", "/opt/start.sh"]
    env = {
      DOMAIN         = app.host
      INSTANCE_NAME  = setting.instance_name
      ADMIN_EMAIL    = setting.owner_email != "" ? setting.owner_email : "${setting.owner_username}@${app.host}"
      NOTIFY_EMAIL   = setting.smtp_from != "" ? setting.smtp_from : "no-reply@${app.host}"
      OWNER_USERNAME = setting.owner_username
      OWNER_PASSWORD = secret.owner_password
      REGISTRATIONS  = setting.registrations
      APP_URL        = app.url
      DB_HOST        = service.db.host
      DB_USER        = "pleroma"
      DB_NAME        = "pleroma"
      DB_PASS        = secret.db_password
      TZ             = pool.timezone
      SMTP_HOST      = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT      = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USERNAME  = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD  = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_SECURITY  = setting.smtp_host != "" ? setting.smtp_security : null
    }
    # The image's own start, and the first account, which only its command line makes.
    file "/opt/start.sh" {
      content = <<-EOT
        set -eu
        mkdir -p /data/uploads /data/static
        cp /opt/config.exs /data/config.exs
        chown -R pleroma /data
        chown pleroma /app
        cd /app
        until pg_isready -q -h "$DB_HOST" -U "$DB_USER" -d "$DB_NAME"; do sleep 1; done
        PGPASSWORD="$DB_PASS" psql -q -h "$DB_HOST" -U "$DB_USER" -d "$DB_NAME" \
          -c 'CREATE EXTENSION IF NOT EXISTS citext; CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS "uuid-ossp"'
        su-exec pleroma mix ecto.migrate
        if [ ! -e /data/.first-account-made ]; then
          su-exec pleroma mix pleroma.user new "$OWNER_USERNAME" "$ADMIN_EMAIL" --password "$OWNER_PASSWORD" --admin --assume-yes
          touch /data/.first-account-made
        fi
        unset OWNER_PASSWORD
        exec su-exec pleroma mix phx.server
      EOT
    }
    file "/opt/config.exs" {
      content = <<-EOT
        import Config
        uri = URI.parse(System.fetch_env!("APP_URL"))
        config :pleroma, Pleroma.Web.Endpoint, url: [host: uri.host, scheme: uri.scheme, port: uri.port]
        config :pleroma, :instance, registrations_open: System.get_env("REGISTRATIONS") == "true"
        config :pleroma, Pleroma.Web.Plugs.RemoteIp, enabled: true
        if System.get_env("SMTP_HOST") do
          config :pleroma, Pleroma.Emails.Mailer,
            enabled: true,
            adapter: Swoosh.Adapters.SMTP,
            relay: System.get_env("SMTP_HOST"),
            port: String.to_integer(System.get_env("SMTP_PORT")),
            username: System.get_env("SMTP_USERNAME"),
            password: System.get_env("SMTP_PASSWORD"),
            ssl: System.get_env("SMTP_SECURITY") == "tls",
            tls: if(System.get_env("SMTP_SECURITY") == "starttls", do: :always, else: :never),
            auth: if(System.get_env("SMTP_USERNAME") in [nil, ""], do: :never, else: :always)
        end
      EOT
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
    }
    expose "web" {
      port   = 4000
      access = "app"
      health {
        path     = "/api/v1/instance"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 2048
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "pleroma"
      POSTGRES_DB       = "pleroma"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "pleroma"] }
    backup { command = ["pg_dump", "-U", "pleroma", "pleroma"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 256
    }
  }
}
