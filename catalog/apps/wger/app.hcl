app "wger" {
  title         = "wger"
  tagline       = "Your training, weight and meals in one diary"
  description   = "Plan workouts from a large collection of exercises, write down what you lift and weigh, and keep a nutrition plan. Trainers can look after other people."
  category      = "health"
  version       = "2.6"
  website       = "https://wger.de"
  source        = "https://github.com/wger-project/wger"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 1536
  min_disk      = 2048
  notes         = "The first start takes several minutes. Sign in as admin with the password that was made for you. The phone app works only where it asks for no PowerSync server."

  setting "registration" {
    title   = "Let anybody make an account"
    type    = "bool"
    default = false
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
    title  = "Password of the user admin"
    reveal = true
  }
  secret "db_password" {}
  secret "secret_key" { length = 50 }
  secret "signing_key" { length = 50 }

  # Runs to its end before each start: brings the database up to date, makes the
  # keys that sign tokens (their makers' are public), and takes the password that
  # everybody knows from the first account.
  service "setup" {
    image      = "docker.io/wger/server:2.6"
    after      = ["db", "redis"]
    once       = true
    entrypoint = ["/bin/bash", "-ec"]
    command = [<<-EOT
      cd /home/wger/src
      wger bootstrap --no-process-static
      python3 manage.py migrate
      if [ ! -s /home/wger/keys/jwt.env ]; then
        python3 manage.py generate-jwt-keys | grep -E '^JWT_(PRIVATE|PUBLIC)_KEY=' > /home/wger/keys/jwt.new
        mv /home/wger/keys/jwt.new /home/wger/keys/jwt.env
      fi
      python3 manage.py shell -c "
      import os
      from django.contrib.auth.models import User
      for user in User.objects.filter(username='admin'):
          if user.check_password('adminadmin'):
              user.set_password(os.environ['ADMIN_PASSWORD'])
              user.save()
      "
    EOT
    ]
    env = {
      ADMIN_PASSWORD            = secret.admin_password
      DJANGO_CACHE_BACKEND      = "django_redis.cache.RedisCache"
      DJANGO_CACHE_CLIENT_CLASS = "django_redis.client.DefaultClient"
      DJANGO_CACHE_LOCATION     = "redis://${service.redis.host}:${service.redis.port}/1"
      DJANGO_DB_DATABASE        = "wger"
      DJANGO_DB_ENGINE          = "django.db.backends.postgresql"
      DJANGO_DB_HOST            = service.db.host
      DJANGO_DB_PASSWORD        = secret.db_password
      DJANGO_DB_PORT            = service.db.port
      DJANGO_DB_USER            = "wger"
      SECRET_KEY                = secret.secret_key
      SIGNING_KEY               = secret.signing_key
      SITE_URL                  = app.url
      TIME_ZONE                 = pool.timezone
      USE_CELERY                = "False"
    }
    volume "keys" {
      path  = "/home/wger/keys"
      owner = "1000:1000"
      mode  = "0700"
      kind  = "data"
    }
    resources {
      cpu        = 300
      memory     = 256
      memory_max = 1024
    }
  }

  service "app" {
    image      = "docker.io/wger/server:2.6"
    after      = ["setup"]
    port       = 8000
    entrypoint = ["/bin/bash", "-ec"]
    command    = ["set -a; . /home/wger/keys/jwt.env; set +a; cd /home/wger/src; exec /home/wger/entrypoint.sh"]
    env = {
      ALLOW_GUEST_USERS            = "False"
      ALLOW_REGISTRATION           = setting.registration ? "True" : "False"
      CSRF_TRUSTED_ORIGINS         = app.url
      DJANGO_CACHE_BACKEND         = "django_redis.cache.RedisCache"
      DJANGO_CACHE_CLIENT_CLASS    = "django_redis.client.DefaultClient"
      DJANGO_CACHE_LOCATION        = "redis://${service.redis.host}:${service.redis.port}/1"
      DJANGO_CLEAR_STATIC_FIRST    = "False"
      DJANGO_DB_DATABASE           = "wger"
      DJANGO_DB_ENGINE             = "django.db.backends.postgresql"
      DJANGO_DB_HOST               = service.db.host
      DJANGO_DB_PASSWORD           = secret.db_password
      DJANGO_DB_PORT               = service.db.port
      DJANGO_DB_USER               = "wger"
      DJANGO_DEBUG                 = "False"
      EMAIL_HOST                   = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_HOST_PASSWORD          = setting.smtp_host != "" ? (setting.smtp_username != "" ? setting.smtp_password : "") : null
      EMAIL_HOST_USER              = setting.smtp_host != "" ? setting.smtp_username : null
      EMAIL_PORT                   = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_USE_SSL                = setting.smtp_host != "" ? (setting.smtp_security == "tls" ? "True" : "False") : null
      EMAIL_USE_TLS                = setting.smtp_host != "" ? (setting.smtp_security == "starttls" ? "True" : "False") : null
      ENABLE_EMAIL                 = setting.smtp_host != "" ? "True" : "False"
      FROM_EMAIL                   = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      NUMBER_OF_PROXIES            = "2"
      SECRET_KEY                   = secret.secret_key
      SIGNING_KEY                  = secret.signing_key
      SITE_URL                     = app.url
      SYNC_EXERCISES_ON_STARTUP    = "False"
      TIME_ZONE                    = pool.timezone
      USE_CELERY                   = "False"
      WGER_USE_GUNICORN            = "True"
      X_FORWARDED_PROTO_HEADER_SET = "True"
    }
    volume "keys" {
      path      = "/home/wger/keys"
      from      = "setup"
      read_only = true
    }
    volume "static" {
      path  = "/home/wger/static"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "cache"
    }
    volume "media" {
      path  = "/home/wger/media"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "data"
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 384
      memory_max = 1024
    }
  }

  # wger hands out no pictures and styles itself.
  service "web" {
    image = "docker.io/nginxinc/nginx-unprivileged:1.30.4-alpine-slim"
    after = ["app"]
    file "/etc/nginx/conf.d/default.conf" {
      content = <<-EOT
        server {
          listen 8080;
          client_max_body_size 100m;
          location /static/ { alias /wger/static/; }
          location /media/ { alias /wger/media/; }
          location / {
            proxy_pass http://${service.app.host}:${service.app.port};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto ${replace(app.url, "https://", "") != app.url ? "https" : "http"};
          }
        }
      EOT
    }
    volume "static" {
      path      = "/wger/static"
      from      = "app"
      read_only = true
    }
    volume "media" {
      path      = "/wger/media"
      from      = "app"
      read_only = true
    }
    expose "web" {
      port   = 8080
      access = "app"
      health {
        path    = "/api/v2/version/"
        timeout = 10
      }
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
      POSTGRES_USER     = "wger"
      POSTGRES_DB       = "wger"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "wger"] }
    backup { command = ["pg_dump", "-U", "wger", "wger"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }

  service "redis" {
    image = "docker.io/library/redis:8.2.2-alpine"
    port  = 6379
    # What is remembered to be quick, so nothing goes to disk; bound to the
    # address that just this app's services share, so it needs no password.
    command = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    tmpfs   = ["/data"]
    health { command = ["redis-cli", "-h", "127.0.0.1", "ping"] }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
