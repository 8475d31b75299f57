app "lemmy" {
  title         = "Lemmy"
  tagline       = "Communities that vote on links and talk about them"
  description   = "A place like the big link forum, but yours and joined with all the others: found communities, subscribe to ones elsewhere, post, vote and discuss in trees."
  category      = "social"
  version       = "0.19.20"
  website       = "https://join-lemmy.org"
  source        = "https://github.com/LemmyNet/lemmy"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 8192
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you. The host name cannot be changed later, since other servers remember it."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, for the first account."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9_]{3,20}"
  }
  setting "site_name" {
    title   = "The site's name"
    help    = "Used once."
    type    = "string"
    default = "Lemmy"
    pattern = "[^\"\\\\]{1,20}"
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
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "pictrs_key" {}
  secret "db_password" {}

  # Lemmy wants its pages and its interface at one address, told apart by path
  # and by what is asked for; this does it.
  service "web" {
    image = "docker.io/nginxinc/nginx-unprivileged:1.30.4-alpine-slim"
    after = ["lemmy", "ui"]
    file "/etc/nginx/nginx.conf" {
      content = <<-EOT
        worker_processes 1;
        pid /tmp/nginx.pid;
        events { worker_connections 1024; }
        http {
          client_body_temp_path /tmp/body;
          proxy_temp_path /tmp/proxy;
          fastcgi_temp_path /tmp/fastcgi;
          uwsgi_temp_path /tmp/uwsgi;
          scgi_temp_path /tmp/scgi;
          server_tokens off;
          map $http_upgrade $connection_upgrade { default upgrade; '' close; }
          map $http_x_forwarded_proto $outer_scheme { default $http_x_forwarded_proto; '' $scheme; }
          map "$request_method:$http_accept" $target {
            default                                            ${service.ui.port};
            "~^(?:GET|HEAD):.*?application\/(?:activity|ld)\+json" ${service.lemmy.port};
            "~^(?!(GET|HEAD)).*:"                              ${service.lemmy.port};
          }
          server {
            listen 8090;
            client_max_body_size 40M;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $http_x_real_ip;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $outer_scheme;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            location = /.well-known/security.txt { proxy_pass http://127.0.0.1:${service.ui.port}; }
            location ~ ^/(api|pictrs|feeds|nodeinfo|version|.well-known|sitemap.xml) { proxy_pass http://127.0.0.1:${service.lemmy.port}; }
            location / { proxy_pass http://127.0.0.1:$target; }
          }
        }
      EOT
    }
    expose "web" {
      port   = 8090
      access = "app"
      health { path = "/api/v3/site" }
    }
    resources {
      cpu    = 50
      memory = 32
    }
  }

  service "ui" {
    image = "docker.io/dessalines/lemmy-ui:0.19.20"
    after = ["lemmy"]
    port  = 1234
    env = {
      LEMMY_UI_LEMMY_INTERNAL_HOST = "${service.lemmy.host}:${service.lemmy.port}"
      LEMMY_UI_LEMMY_EXTERNAL_HOST = trimprefix(trimprefix(app.url, "https://"), "http://")
      LEMMY_UI_HTTPS               = replace(app.url, "https://", "") != app.url
    }
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }

  service "lemmy" {
    image = "docker.io/dessalines/lemmy:0.19.20"
    after = ["db", "pictrs"]
    port  = 8536
    env = {
      LEMMY_CONFIG_LOCATION = "/opt/lemmy.json"
      RUST_LOG              = "warn"
    }
    # Its format, hjson, takes json as it is.
    file "/opt/lemmy.json" {
      content = <<-EOT
        {
          "hostname": "${trimprefix(trimprefix(app.url, "https://"), "http://")}",
          "tls_enabled": ${replace(app.url, "https://", "") != app.url},
          "bind": "0.0.0.0",
          "port": 8536,
          "database": { "uri": "postgresql://lemmy:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/lemmy", "pool_size": 10 },
          "pictrs": { "url": "http://${service.pictrs.host}:${service.pictrs.port}/", "api_key": "${secret.pictrs_key}" },
          ${setting.smtp_host != "" ? "\"email\": { \"smtp_server\": \"${setting.smtp_host}:${setting.smtp_port}\", \"smtp_login\": \"${setting.smtp_username}\", \"smtp_password\": \"${setting.smtp_password}\", \"smtp_from_address\": \"${setting.smtp_from != "" ? setting.smtp_from : "lemmy@${app.host}"}\", \"tls_type\": \"${setting.smtp_security}\" }," : ""}
          "setup": { "admin_username": "${setting.admin_username}", "admin_password": "${secret.admin_password}", "site_name": "${setting.site_name}" }
        }
      EOT
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 768
    }
  }

  service "pictrs" {
    image = "docker.io/asonix/pictrs:0.5.19"
    port  = 8081
    user  = "991:991"
    env = {
      PICTRS__SERVER__ADDRESS = "0.0.0.0:8081"
      PICTRS__SERVER__API_KEY = secret.pictrs_key
      PICTRS__REPO__PATH      = "/mnt/sled-repo"
      PICTRS__STORE__PATH     = "/mnt/files"
      RUST_LOG                = "warn"
    }
    volume "images" {
      path  = "/mnt"
      owner = "991:991"
      kind  = "media"
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "lemmy"
      POSTGRES_DB       = "lemmy"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "lemmy"] }
    backup { command = ["pg_dump", "-U", "lemmy", "lemmy"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 256
    }
  }
}
