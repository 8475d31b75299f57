app "synapse" {
  title         = "Matrix"
  tagline       = "Chats and calls with your family, and with everyone else on Matrix"
  description   = "Rooms, calls and files, encrypted from end to end, on your own server: Synapse keeps them, Element shows them in the browser, and people with accounts on other Matrix servers can talk with you."
  category      = "communication"
  version       = "1.159.0"
  website       = "https://matrix.org"
  source        = "https://github.com/element-hq/synapse"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 8192
  notes         = "Element is at this app's second address, which begins with chat-. Sign in there, or with any Matrix app and this app's address, with the name that you chose and the password that was made for you. Others get accounts from you, or by registering if you allow it. The server's name cannot be changed later."

  setting "owner_username" {
    title   = "Your name"
    help    = "You are @NAME: followed by the server's name. Used once, for the first account."
    type    = "string"
    default = "me"
    pattern = "[a-z0-9._=/-]{1,64}"
  }
  setting "server_name" {
    title    = "The server's name"
    help     = "What stands behind the colon in everybody's address. Empty: the app's own host name. Another name needs a file at https://NAME/.well-known/matrix/server. It cannot be changed later."
    type     = "string"
    pattern  = "[a-z0-9.-]*"
    advanced = true
  }
  setting "registration_token" {
    title    = "Let others register, if you give them the token"
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
  secret "registration_secret" {}
  secret "macaroon_secret" {}
  secret "form_secret" {}
  secret "db_password" {}

  service "server" {
    image      = "docker.io/matrixdotorg/synapse:v1.159.0"
    after      = ["db"]
    entrypoint = ["/bin/sh", "/opt/start.sh"]
    user       = "991:991"
    env = {
      OWNER_USERNAME = setting.owner_username
      OWNER_PASSWORD = secret.owner_password
      TZ             = pool.timezone
    }
    # The key with which the server signs is made once; the first account can
    # be made only while it runs.
    file "/opt/start.sh" {
      content = <<-EOT
        set -eu
        synapse="python -m synapse.app.homeserver --config-path /opt/homeserver.yaml"
        [ -s /data/signing.key ] || $synapse --generate-keys
        if [ ! -e /data/.first-account-made ]; then
          (
            until python -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:8008/health")' 2> /dev/null; do sleep 2; done
            register_new_matrix_user --admin -u "$OWNER_USERNAME" -p "$OWNER_PASSWORD" -c /opt/homeserver.yaml http://127.0.0.1:8008 > /dev/null \
              && touch /data/.first-account-made
          ) &
        fi
        exec env -u OWNER_PASSWORD $synapse
      EOT
    }
    file "/opt/homeserver.yaml" {
      content = <<-EOT
        server_name: "${setting.server_name != "" ? setting.server_name : app.host}"
        public_baseurl: "${app.url}/"
        serve_server_wellknown: true
        pid_file: /tmp/homeserver.pid
        listeners:
          - port: 8008
            type: http
            tls: false
            x_forwarded: true
            bind_addresses: ["0.0.0.0"]
            resources:
              - names: [client, federation]
                compress: false
        database:
          name: psycopg2
          args:
            host: ${service.db.host}
            port: ${service.db.port}
            user: synapse
            password: "${secret.db_password}"
            dbname: synapse
            cp_min: 2
            cp_max: 10
        log_config: /opt/log.yaml
        media_store_path: /data/media_store
        signing_key_path: /data/signing.key
        registration_shared_secret: "${secret.registration_secret}"
        macaroon_secret_key: "${secret.macaroon_secret}"
        form_secret: "${secret.form_secret}"
        report_stats: false
        enable_registration: ${setting.registration_token}
        registration_requires_token: true
        suppress_key_server_warning: true
        trusted_key_servers:
          - server_name: matrix.org
        ${setting.smtp_host != "" ? "email:\n  smtp_host: \"${setting.smtp_host}\"\n  smtp_port: ${setting.smtp_port}\n  force_tls: ${setting.smtp_security == "tls"}\n  require_transport_security: ${setting.smtp_security != "none"}\n  enable_tls: ${setting.smtp_security != "none"}\n  notif_from: \"${setting.smtp_from != "" ? setting.smtp_from : "matrix@${app.host}"}\"" : ""}
        ${setting.smtp_host != "" && setting.smtp_username != "" ? "  smtp_user: \"${setting.smtp_username}\"\n  smtp_pass: \"${setting.smtp_password}\"" : ""}
      EOT
    }
    file "/opt/log.yaml" {
      content = <<-EOT
        version: 1
        formatters:
          plain:
            format: '%(levelname)s %(name)s - %(message)s'
        handlers:
          console:
            class: logging.StreamHandler
            formatter: plain
        root:
          level: WARNING
          handlers: [console]
        disable_existing_loggers: false
      EOT
    }
    volume "data" {
      path  = "/data"
      owner = "991:991"
      kind  = "media"
    }
    expose "web" {
      port   = 8008
      access = "app"
      health { path = "/health" }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 384
      memory_max = 1536
    }
  }

  service "element" {
    image = "docker.io/vectorim/element-web:v1.12.26"
    env = {
      ELEMENT_WEB_PORT = "8081"
    }
    file "/app/config.json" {
      content = jsonencode({
        default_server_config = {
          "m.homeserver" = {
            base_url    = app.url
            server_name = setting.server_name != "" ? setting.server_name : app.host
          }
        }
        disable_custom_urls = true
        disable_guests      = true
        brand               = "Element"
        show_labs_settings  = false
      })
    }
    expose "chat" {
      port      = 8081
      subdomain = "chat"
      access    = "app"
      health { path = "/config.json" }
    }
    resources {
      cpu    = 50
      memory = 32
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER        = "synapse"
      POSTGRES_DB          = "synapse"
      POSTGRES_PASSWORD    = secret.db_password
      POSTGRES_INITDB_ARGS = "--encoding=UTF8 --lc-collate=C --lc-ctype=C"
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "synapse"] }
    backup { command = ["pg_dump", "-U", "synapse", "synapse"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 256
    }
  }
}
