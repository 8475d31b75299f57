app "owncloud" {
  title         = "ownCloud"
  tagline       = "Your files in one place, shared and in sync"
  description   = "Keeps documents and pictures on your own server and in step with computers and phones. Give others a space to work in together, or a link that ends by itself. This is Infinite Scale, the new ownCloud, which needs no database beside it."
  category      = "files"
  version       = "8.2.0"
  website       = "https://owncloud.com"
  source        = "https://github.com/owncloud/ocis"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 1536
  min_disk      = 4096
  notes         = "Sign in as admin with the password that was made for you, then make an account for your daily use under Admin Settings, Users. The sign-in works over https only, and only at the address that your cloud gave it; where that address comes with a certificate of your own making, install its root on your devices first."

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
    choices  = ["starttls", "ssltls", "none"]
    default  = "starttls"
    advanced = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image      = "docker.io/owncloud/ocis:8.2.0"
    entrypoint = ["/bin/sh", "-c"]
    # The first start makes the passwords that ownCloud's parts use among each
    # other; later ones find them and go on.
    command = ["ocis init --insecure yes || true; exec ocis server"]
    user    = "1000:1000"
    env = {
      IDM_ADMIN_PASSWORD    = secret.admin_password
      IDM_CREATE_DEMO_USERS = "false"
      OCIS_ADD_RUN_SERVICES = setting.smtp_host != "" ? "notifications" : null
      # It asks itself at its own address, whose certificate may be home-made.
      OCIS_INSECURE                 = "true"
      OCIS_LOG_LEVEL                = "warn"
      OCIS_URL                      = app.url
      PROXY_HTTP_ADDR               = "0.0.0.0:9200"
      PROXY_TLS                     = "false"
      NOTIFICATIONS_SMTP_HOST       = setting.smtp_host != "" ? setting.smtp_host : null
      NOTIFICATIONS_SMTP_PORT       = setting.smtp_host != "" ? setting.smtp_port : null
      NOTIFICATIONS_SMTP_USERNAME   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      NOTIFICATIONS_SMTP_PASSWORD   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      NOTIFICATIONS_SMTP_SENDER     = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      NOTIFICATIONS_SMTP_ENCRYPTION = setting.smtp_host != "" ? setting.smtp_security : null
      TZ                            = pool.timezone
    }
    volume "config" {
      path  = "/etc/ocis"
      owner = "1000:1000"
      mode  = "0700"
      kind  = "data"
    }
    # Files and what is known about them lie together and change together.
    volume "data" {
      path  = "/var/lib/ocis"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 9200
      access = "app"
      health {
        path    = "/config.json"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 2048
    }
  }
}
