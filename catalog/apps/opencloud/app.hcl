app "opencloud" {
  title         = "OpenCloud"
  tagline       = "Files and spaces, fast and without a database"
  description   = "Documents in step on every device, rooms for teams, links with an end, full search, all from one lean program whose roots are in ownCloud Infinite Scale and which a European community carries on."
  category      = "files"
  version       = "7.2.4"
  website       = "https://opencloud.eu"
  source        = "https://github.com/opencloud-eu/opencloud"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 1536
  min_disk      = 4096
  notes         = "Sign in as admin with the password that was made for you, then make an account for your daily use under Admin settings, Users. The sign-in works over https only, and only at the address that your cloud gave it; where that address comes with a certificate of your own making, install its root on your devices first."

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
    image      = "docker.io/opencloudeu/opencloud:7.2.4"
    entrypoint = ["/bin/sh", "-c"]
    # The first start makes the passwords that OpenCloud's parts use among each
    # other; later ones find them and go on.
    command = ["opencloud init --insecure yes || true; exec opencloud server"]
    user    = "1000:1000"
    env = {
      IDM_ADMIN_PASSWORD            = secret.admin_password
      IDM_CREATE_DEMO_USERS         = "false"
      NOTIFICATIONS_SMTP_HOST       = setting.smtp_host != "" ? setting.smtp_host : null
      NOTIFICATIONS_SMTP_PORT       = setting.smtp_host != "" ? setting.smtp_port : null
      NOTIFICATIONS_SMTP_USERNAME   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      NOTIFICATIONS_SMTP_PASSWORD   = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      NOTIFICATIONS_SMTP_SENDER     = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      NOTIFICATIONS_SMTP_ENCRYPTION = setting.smtp_host != "" ? setting.smtp_security : null
      OC_ADD_RUN_SERVICES           = setting.smtp_host != "" ? "notifications" : null
      # It asks itself at its own address, whose certificate may be home-made.
      OC_INSECURE     = "true"
      OC_LOG_LEVEL    = "warn"
      OC_URL          = app.url
      PROXY_HTTP_ADDR = "0.0.0.0:9200"
      PROXY_TLS       = "false"
      TZ              = pool.timezone
    }
    volume "config" {
      path  = "/etc/opencloud"
      owner = "1000:1000"
      mode  = "0700"
      kind  = "data"
    }
    # Files and what is known about them lie together and change together.
    volume "data" {
      path  = "/var/lib/opencloud"
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
