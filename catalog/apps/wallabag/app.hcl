app "wallabag" {
  title         = "wallabag"
  tagline       = "Save articles now, read them in peace"
  description   = "Keeps the text of web pages without what flickers around it, with tags and marks, on phones, in the browser and on e-readers."
  category      = "reading"
  version       = "2.6.14"
  website       = "https://www.wallabag.org"
  source        = "https://github.com/wallabag/wallabag"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "wallabag"
  min_memory    = 384
  min_disk      = 512
  notes         = "The first start takes a minute or two. Sign in as wallabag with the password that was made for you. Phones need a client ID, which you make under API clients management."

  setting "registration" {
    title   = "Let anybody make an account"
    type    = "bool"
    default = false
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "Which server sends the app's mail. Left empty, it sends none."
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
  setting "smtp_from" {
    title    = "Sender of the app's mail"
    type     = "email"
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption to the mail server"
    help     = "Port 587 mostly wants starttls, port 465 tls."
    type     = "choice"
    choices  = ["tls", "none"]
    default  = "tls"
    advanced = true
  }
  secret "admin_password" {
    title  = "Password of the user wallabag"
    reveal = true
  }
  secret "app_secret" {}

  service "web" {
    image = "docker.io/wallabag/wallabag:2.6.14"
    # Its makers' first account has a password that everybody knows; this gives
    # it ours before anything listens. "migrate" also brings the database up to
    # date after an update.
    entrypoint = ["/bin/sh", "-ec"]
    command = [<<-EOT
      cd /var/www/wallabag
      done=data/.cloud-version
      if [ "$(cat $done 2>/dev/null)" != 2.6.14 ]; then
        fresh=; [ -f $done ] || fresh=1
        /entrypoint.sh migrate
        if [ -n "$fresh" ]; then
          su -s /bin/sh nobody -c 'php bin/console fos:user:change-password wallabag "$ADMIN_PASSWORD" --env=prod'
        fi
        echo 2.6.14 > $done
      fi
      unset ADMIN_PASSWORD
      exec /entrypoint.sh wallabag
    EOT
    ]
    env = {
      ADMIN_PASSWORD                     = secret.admin_password
      SYMFONY__ENV__DOMAIN_NAME          = app.url
      SYMFONY__ENV__FOSUSER_CONFIRMATION = setting.smtp_host != "" ? "true" : "false"
      SYMFONY__ENV__FOSUSER_REGISTRATION = setting.registration
      SYMFONY__ENV__MAILER_HOST          = setting.smtp_host != "" ? setting.smtp_host : null
      SYMFONY__ENV__MAILER_PORT          = setting.smtp_host != "" ? setting.smtp_port : null
      SYMFONY__ENV__MAILER_USER          = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SYMFONY__ENV__MAILER_PASSWORD      = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SYMFONY__ENV__FROM_EMAIL           = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SYMFONY__ENV__MAILER_ENCRYPTION    = setting.smtp_host != "" && setting.smtp_security == "tls" ? "tls" : null
      SYMFONY__ENV__SECRET               = secret.app_secret
      SYMFONY__ENV__SERVER_NAME          = "wallabag"
      TZ                                 = pool.timezone
    }
    volume "data" {
      path  = "/var/www/wallabag/data"
      owner = "65534:65534"
      kind  = "database"
    }
    volume "images" {
      path  = "/var/www/wallabag/web/assets/images"
      owner = "65534:65534"
      kind  = "data"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path    = "/api/info"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 768
    }
  }
}
