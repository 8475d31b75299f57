app "taiga" {
  title         = "Taiga"
  tagline       = "Agile projects, nicely drawn"
  description   = "Backlogs, sprints, Kanban boards, issues and a wiki for teams that work in small steps. It stays pleasant to look at even when the backlog is long, and everybody's changes appear on the board at once."
  category      = "business"
  version       = "6.9.0"
  website       = "https://taiga.io"
  source        = "https://github.com/taigaio/taiga-back"
  license       = "MPL-2.0 AND AGPL-3.0-only"
  architectures = ["amd64"]
  default_user  = "admin"
  min_memory    = 2048
  min_disk      = 2048
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you. Others join when you invite them to a project; the invitations go out by mail, so give it a mail server."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, when the first account is made."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  setting "admin_email" {
    title   = "Administrator's e-mail address"
    type    = "email"
    default = "admin@localhost.localdomain"
  }
  setting "registration" {
    title   = "Let anybody make an account"
    type    = "bool"
    default = false
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "Leave it empty if it shall send no mail."
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
    title    = "Encryption to the mail server"
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }
  setting "smtp_username" {
    title    = "User name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Address that mail comes from"
    type     = "email"
    advanced = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "db_password" {}
  secret "rabbitmq_password" {}
  secret "secret_key" { length = 64 }

  # One address for all its parts, as their makers do it.
  service "gateway" {
    image = "docker.io/library/nginx:1.29.4-alpine"
    after = ["front", "back", "events", "protected"]
    file "/etc/nginx/conf.d/default.conf" {
      content = <<-EOT
      server {
        listen 80 default_server;
        client_max_body_size 100M;
        charset utf-8;
        proxy_redirect off;
        proxy_set_header Host $http_host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Scheme $scheme;
        proxy_set_header X-Forwarded-Proto ${trimprefix(app.url, "https://") != app.url ? "https" : "http"};
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        location / {
          proxy_pass http://${service.front.host}:${service.front.port}/;
        }
        location /api/ {
          proxy_pass http://${service.back.host}:${service.back.port}/api/;
        }
        location /admin/ {
          proxy_pass http://${service.back.host}:${service.back.port}/admin/;
        }
        location /static/ {
          alias /taiga/static/;
        }
        location /_protected/ {
          internal;
          alias /taiga/media/;
          add_header Content-disposition "attachment";
        }
        location /media/exports/ {
          alias /taiga/media/exports/;
          add_header Content-disposition "attachment";
        }
        location /media/ {
          proxy_pass http://${service.protected.host}:${service.protected.port}/;
        }
        location /events {
          proxy_pass http://${service.events.host}:${service.events.port}/events;
          proxy_http_version 1.1;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection "upgrade";
          proxy_set_header Host $http_host;
          proxy_read_timeout 7d;
          proxy_send_timeout 7d;
        }
      }
    EOT
    }
    volume "static" {
      path      = "/taiga/static"
      from      = "back"
      read_only = true
    }
    volume "media" {
      path      = "/taiga/media"
      from      = "back"
      read_only = true
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path    = "/api/v1/"
        timeout = 10
      }
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 128
    }
  }

  service "front" {
    image = "docker.io/taigaio/taiga-front:6.9.0"
    port  = 8080
    env = {
      DEFAULT_LANGUAGE        = "en"
      ENABLE_GITHUB_AUTH      = "false"
      ENABLE_GITLAB_AUTH      = "false"
      PUBLIC_REGISTER_ENABLED = setting.registration ? "true" : "false"
      TAIGA_URL               = app.url
      TAIGA_WEBSOCKETS_URL    = "${trimprefix(app.url, "https://") != app.url ? "wss" : "ws"}://${trimprefix(trimprefix(app.url, "https://"), "http://")}"
      TAIGA_SUBPATH           = ""
    }
    # Its own port 80 is the gateway's here.
    file "/etc/nginx/conf.d/default.conf" {
      content = <<-EOT
      server {
        listen 8080 default_server;
        charset utf-8;
        location / {
          alias /usr/share/nginx/html/;
          index index.html;
          try_files $uri $uri/ index.html =404;
        }
      }
    EOT
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 128
    }
  }

  service "back" {
    image = "docker.io/taigaio/taiga-back:6.9.0"
    port  = 8000
    after = ["setup", "async-rabbitmq", "events-rabbitmq"]
    env = {
      POSTGRES_DB             = "taiga"
      POSTGRES_USER           = "taiga"
      POSTGRES_PASSWORD       = secret.db_password
      POSTGRES_HOST           = service.db.host
      TAIGA_SECRET_KEY        = secret.secret_key
      TAIGA_SITES_SCHEME      = trimprefix(app.url, "https://") != app.url ? "https" : "http"
      TAIGA_SITES_DOMAIN      = trimprefix(trimprefix(app.url, "https://"), "http://")
      SESSION_COOKIE_SECURE   = trimprefix(app.url, "https://") != app.url ? "True" : "False"
      CSRF_COOKIE_SECURE      = trimprefix(app.url, "https://") != app.url ? "True" : "False"
      CELERY_BROKER_URL       = "amqp://taiga:${urlencode(secret.rabbitmq_password)}@${service.async-rabbitmq.host}:${service.async-rabbitmq.port}/taiga"
      CELERY_TIMEZONE         = pool.timezone
      EVENTS_PUSH_BACKEND_URL = "amqp://taiga:${urlencode(secret.rabbitmq_password)}@${service.events-rabbitmq.host}:${service.events-rabbitmq.port}/taiga"
      EMAIL_BACKEND           = setting.smtp_host != "" ? "django.core.mail.backends.smtp.EmailBackend" : "django.core.mail.backends.console.EmailBackend"
      DEFAULT_FROM_EMAIL      = setting.smtp_from != "" ? setting.smtp_from : null
      EMAIL_HOST              = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_PORT              = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_HOST_USER         = setting.smtp_username
      EMAIL_HOST_PASSWORD     = setting.smtp_username != "" ? setting.smtp_password : ""
      EMAIL_USE_TLS           = setting.smtp_security == "starttls" ? "True" : "False"
      EMAIL_USE_SSL           = setting.smtp_security == "tls" ? "True" : "False"
      ENABLE_TELEMETRY        = "False"
      PUBLIC_REGISTER_ENABLED = setting.registration ? "True" : "False"
    }
    volume "static" {
      path  = "/taiga-back/static"
      owner = "999:999"
      mode  = "0755"
      kind  = "data"
    }
    volume "media" {
      path  = "/taiga-back/media"
      owner = "999:999"
      mode  = "0755"
      kind  = "data"
    }
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "async" {
    image      = "docker.io/taigaio/taiga-back:6.9.0"
    entrypoint = ["/taiga-back/docker/async_entrypoint.sh"]
    after      = ["setup", "async-rabbitmq", "events-rabbitmq"]
    env = {
      POSTGRES_DB             = "taiga"
      POSTGRES_USER           = "taiga"
      POSTGRES_PASSWORD       = secret.db_password
      POSTGRES_HOST           = service.db.host
      TAIGA_SECRET_KEY        = secret.secret_key
      TAIGA_SITES_SCHEME      = trimprefix(app.url, "https://") != app.url ? "https" : "http"
      TAIGA_SITES_DOMAIN      = trimprefix(trimprefix(app.url, "https://"), "http://")
      SESSION_COOKIE_SECURE   = trimprefix(app.url, "https://") != app.url ? "True" : "False"
      CSRF_COOKIE_SECURE      = trimprefix(app.url, "https://") != app.url ? "True" : "False"
      CELERY_BROKER_URL       = "amqp://taiga:${urlencode(secret.rabbitmq_password)}@${service.async-rabbitmq.host}:${service.async-rabbitmq.port}/taiga"
      CELERY_TIMEZONE         = pool.timezone
      EVENTS_PUSH_BACKEND_URL = "amqp://taiga:${urlencode(secret.rabbitmq_password)}@${service.events-rabbitmq.host}:${service.events-rabbitmq.port}/taiga"
      EMAIL_BACKEND           = setting.smtp_host != "" ? "django.core.mail.backends.smtp.EmailBackend" : "django.core.mail.backends.console.EmailBackend"
      DEFAULT_FROM_EMAIL      = setting.smtp_from != "" ? setting.smtp_from : null
      EMAIL_HOST              = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_PORT              = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_HOST_USER         = setting.smtp_username
      EMAIL_HOST_PASSWORD     = setting.smtp_username != "" ? setting.smtp_password : ""
      EMAIL_USE_TLS           = setting.smtp_security == "starttls" ? "True" : "False"
      EMAIL_USE_SSL           = setting.smtp_security == "tls" ? "True" : "False"
      ENABLE_TELEMETRY        = "False"
      PUBLIC_REGISTER_ENABLED = setting.registration ? "True" : "False"
    }
    volume "static" {
      path = "/taiga-back/static"
      from = "back"
    }
    volume "media" {
      path = "/taiga-back/media"
      from = "back"
    }
    resources {
      cpu        = 100
      memory     = 384
      memory_max = 1024
    }
  }

  # Makes the tables, the first account before anybody can reach it, and the
  # static files, which a fresh volume hides.
  service "setup" {
    image      = "docker.io/taigaio/taiga-back:6.9.0"
    entrypoint = ["/bin/bash", "-ec"]
    command = [<<-EOT
      python manage.py migrate --no-input
      python manage.py collectstatic --no-input
      python manage.py shell -c "
      import os
      from taiga.users.models import User
      if not User.objects.filter(is_superuser=True, is_system=False).exists():
          User.objects.create_superuser(os.environ['ADMIN_USERNAME'], os.environ['ADMIN_EMAIL'], os.environ['ADMIN_PASSWORD'])
      "
      chown -R taiga:taiga /taiga-back/static /taiga-back/media
    EOT
    ]
    once  = true
    after = ["db"]
    env = {
      ADMIN_USERNAME     = setting.admin_username
      ADMIN_EMAIL        = setting.admin_email
      ADMIN_PASSWORD     = secret.admin_password
      POSTGRES_DB        = "taiga"
      POSTGRES_USER      = "taiga"
      POSTGRES_PASSWORD  = secret.db_password
      POSTGRES_HOST      = service.db.host
      TAIGA_SECRET_KEY   = secret.secret_key
      TAIGA_SITES_SCHEME = trimprefix(app.url, "https://") != app.url ? "https" : "http"
      TAIGA_SITES_DOMAIN = trimprefix(trimprefix(app.url, "https://"), "http://")
      CELERY_ENABLED     = "False"
      RABBITMQ_USER      = "taiga"
      RABBITMQ_PASS      = secret.rabbitmq_password
    }
    volume "static" {
      path = "/taiga-back/static"
      from = "back"
    }
    volume "media" {
      path = "/taiga-back/media"
      from = "back"
    }
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 768
    }
  }

  service "events" {
    image = "docker.io/taigaio/taiga-events:6.9.0"
    port  = 8888
    after = ["events-rabbitmq"]
    env = {
      RABBITMQ_USER              = "taiga"
      RABBITMQ_PASS              = secret.rabbitmq_password
      TAIGA_EVENTS_RABBITMQ_HOST = service.events-rabbitmq.host
      TAIGA_SECRET_KEY           = secret.secret_key
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 384
    }
  }

  service "protected" {
    image = "docker.io/taigaio/taiga-protected:6.9.0"
    port  = 8003
    env = {
      MAX_AGE    = "360"
      SECRET_KEY = secret.secret_key
    }
    resources {
      cpu        = 50
      memory     = 128
      memory_max = 384
    }
  }

  # taiga-events looks for its queue at 5672 and nowhere else, so this one keeps the usual ports.
  service "events-rabbitmq" {
    image = "docker.io/library/rabbitmq:3.13.7-alpine"
    port  = 5672
    env = {
      RABBITMQ_DEFAULT_USER  = "taiga"
      RABBITMQ_DEFAULT_PASS  = secret.rabbitmq_password
      RABBITMQ_DEFAULT_VHOST = "taiga"
      RABBITMQ_NODENAME      = "events@localhost"
    }
    # Only what is under way; Taiga makes its queues again.
    volume "data" {
      path  = "/var/lib/rabbitmq"
      owner = "100:101"
      kind  = "cache"
    }
    health {
      command  = ["rabbitmq-diagnostics", "-q", "ping"]
      interval = 60
      timeout  = 20
    }
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 160
      memory_max = 512
    }
  }

  service "async-rabbitmq" {
    image = "docker.io/library/rabbitmq:3.13.7-alpine"
    port  = 5673
    env = {
      ERL_EPMD_PORT          = "4370"
      RABBITMQ_DEFAULT_USER  = "taiga"
      RABBITMQ_DEFAULT_PASS  = secret.rabbitmq_password
      RABBITMQ_DEFAULT_VHOST = "taiga"
      RABBITMQ_DIST_PORT     = "25673"
      RABBITMQ_NODENAME      = "async@localhost"
    }
    # Both brokers share one address: every port of this one lies beside the other's.
    file "/etc/rabbitmq/conf.d/20-ports.conf" {
      content = <<-EOT
      listeners.tcp.default = 5673
      prometheus.tcp.port = 15693
    EOT
    }
    # Only what is under way; Taiga makes its queues again.
    volume "data" {
      path  = "/var/lib/rabbitmq"
      owner = "100:101"
      kind  = "cache"
    }
    health {
      command  = ["rabbitmq-diagnostics", "-q", "ping"]
      interval = 60
      timeout  = 20
    }
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 160
      memory_max = 512
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "taiga"
      POSTGRES_DB       = "taiga"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "taiga"] }
    backup { command = ["pg_dump", "-U", "taiga", "taiga"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
