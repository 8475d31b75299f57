app "grafana" {
  title         = "Grafana"
  tagline       = "Charts and alarms for everything that you measure"
  description   = "Draw what Prometheus, InfluxDB, databases and many other sources know, put it together to dashboards, and be told when a line crosses another."
  category      = "monitoring"
  version       = "13.2.0"
  website       = "https://grafana.com/oss/grafana/"
  source        = "https://github.com/grafana/grafana"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 1024
  notes         = "Sign in as admin with the password that was made for you, and add a data source under Connections."

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
    title  = "Password of the user admin"
    reveal = true
  }
  secret "secret_key" { length = 64 }

  service "web" {
    image = "docker.io/grafana/grafana:13.2.0"
    env = {
      GF_ANALYTICS_CHECK_FOR_UPDATES = "false"
      GF_ANALYTICS_REPORTING_ENABLED = "false"
      GF_SECURITY_ADMIN_PASSWORD     = secret.admin_password
      GF_SECURITY_COOKIE_SECURE      = trimprefix(app.url, "https://") != app.url ? "true" : "false"
      GF_SECURITY_SECRET_KEY         = secret.secret_key
      GF_SERVER_ROOT_URL             = "${app.url}/"
      GF_SMTP_ENABLED                = setting.smtp_host != "" ? "true" : null
      GF_SMTP_HOST                   = setting.smtp_host != "" ? "${setting.smtp_host}:${setting.smtp_port}" : null
      GF_SMTP_STARTTLS_POLICY        = setting.smtp_host != "" ? (setting.smtp_security == "starttls" ? "MandatoryStartTLS" : "NoStartTLS") : null
      GF_SMTP_USER                   = setting.smtp_username != "" ? setting.smtp_username : null
      GF_SMTP_PASSWORD               = setting.smtp_username != "" ? setting.smtp_password : null
      GF_SMTP_FROM_ADDRESS           = setting.smtp_from != "" ? setting.smtp_from : null
      GF_USERS_ALLOW_SIGN_UP         = "false"
      GF_USERS_DEFAULT_LANGUAGE      = "detect"
    }
    volume "data" {
      path  = "/var/lib/grafana"
      owner = "472:0"
      kind  = "database"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/api/health" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }
}
