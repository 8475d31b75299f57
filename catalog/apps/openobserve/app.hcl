app "openobserve" {
  title         = "OpenObserve"
  tagline       = "Logs, figures and traces in one place"
  description   = "Takes in what your programs and machines have to say, keeps it small, finds it fast and draws it, in a single program where others need five."
  category      = "monitoring"
  version       = "0.90.0"
  website       = "https://openobserve.ai"
  source        = "https://github.com/openobserve/openobserve"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 4096
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you. Under Data sources it shows how to send something to it."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    type     = "email"
    required = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image = "public.ecr.aws/zinclabs/openobserve:v0.90.0"
    env = {
      ZO_COOKIE_SECURE_ONLY = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      ZO_DATA_DIR           = "/data"
      ZO_ROOT_USER_EMAIL    = setting.admin_email
      ZO_ROOT_USER_PASSWORD = secret.admin_password
      ZO_TELEMETRY          = "false"
      ZO_WEB_URL            = app.url
    }
    volume "data" {
      path = "/data"
      kind = "database"
    }
    expose "web" {
      port   = 5080
      access = "app"
      health { path = "/healthz" }
    }
    stop_timeout = 60
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 2048
    }
  }
}
