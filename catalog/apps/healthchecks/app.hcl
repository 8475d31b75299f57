app "healthchecks" {
  title         = "Healthchecks"
  tagline       = "Notices when a job did not run"
  description   = "Your backups and nightly jobs call an address when they are done. If one stays silent, Healthchecks tells you, by mail, messenger or phone."
  category      = "monitoring"
  version       = "4.2"
  website       = "https://healthchecks.io"
  source        = "https://github.com/healthchecks/healthchecks"
  license       = "BSD-3-Clause"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you. It can tell you by mail once you give it a mail server."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    type     = "email"
    required = true
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
  secret "secret_key" { length = 64 }

  service "web" {
    image = "docker.io/healthchecks/healthchecks:v4.2"
    user  = "999:999"
    after = ["setup"]
    env = {
      ALLOWED_HOSTS       = "*"
      DB                  = "postgres"
      DB_HOST             = service.db.host
      DB_PORT             = service.db.port
      DB_NAME             = "healthchecks"
      DB_USER             = "healthchecks"
      DB_PASSWORD         = secret.db_password
      DEBUG               = "False"
      SECRET_KEY          = secret.secret_key
      SITE_NAME           = "Healthchecks"
      SITE_ROOT           = app.url
      DEFAULT_FROM_EMAIL  = setting.smtp_from != "" ? setting.smtp_from : null
      EMAIL_HOST          = setting.smtp_host != "" ? setting.smtp_host : null
      EMAIL_PORT          = setting.smtp_host != "" ? setting.smtp_port : null
      EMAIL_HOST_USER     = setting.smtp_host != "" ? setting.smtp_username : null
      EMAIL_HOST_PASSWORD = setting.smtp_host != "" ? setting.smtp_password : null
      EMAIL_USE_TLS       = setting.smtp_host != "" ? (setting.smtp_security == "starttls" ? "True" : "False") : null
      EMAIL_USE_SSL       = setting.smtp_host != "" ? (setting.smtp_security == "tls" ? "True" : "False") : null
      REGISTRATION_OPEN   = setting.registration ? "True" : "False"
    }
    expose "web" {
      port   = 8000
      access = "app"
      health { path = "/api/v3/status/" }
    }
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }

  # Makes the tables and the first account before anybody can reach it.
  service "setup" {
    image      = "docker.io/healthchecks/healthchecks:v4.2"
    user       = "999:999"
    entrypoint = ["/bin/sh", "-ec"]
    command = [<<-EOT
      ./manage.py migrate --noinput
      ./manage.py shell -c "
      import os
      from django.contrib.auth.models import User
      from hc.accounts.views import _make_user
      if not User.objects.filter(is_superuser=True).exists():
          user = _make_user(os.environ['ADMIN_EMAIL'])
          user.set_password(os.environ['ADMIN_PASSWORD'])
          user.is_staff = True
          user.is_superuser = True
          user.save()
      "
    EOT
    ]
    once  = true
    after = ["db"]
    env = {
      ADMIN_EMAIL    = setting.admin_email
      ADMIN_PASSWORD = secret.admin_password
      ALLOWED_HOSTS  = "*"
      DB             = "postgres"
      DB_HOST        = service.db.host
      DB_PORT        = service.db.port
      DB_NAME        = "healthchecks"
      DB_USER        = "healthchecks"
      DB_PASSWORD    = secret.db_password
      DEBUG          = "False"
      SECRET_KEY     = secret.secret_key
      SITE_NAME      = "Healthchecks"
      SITE_ROOT      = app.url
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 384
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "healthchecks"
      POSTGRES_DB       = "healthchecks"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "healthchecks"] }
    backup { command = ["pg_dump", "-U", "healthchecks", "healthchecks"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
