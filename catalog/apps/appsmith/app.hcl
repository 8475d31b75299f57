app "appsmith" {
  title         = "Appsmith"
  tagline       = "Tools for your team, put together from parts"
  description   = "Drag tables, forms, charts and buttons onto a page, connect them to your databases and services, and have an inner tool in an afternoon."
  category      = "development"
  version       = "2.3"
  website       = "https://www.appsmith.com"
  source        = "https://github.com/appsmithorg/appsmith"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 4096
  min_disk      = 4096
  notes         = "The first start takes some minutes. The first visitor makes the administrator's account. Only your home network passes its front door until you open it to others."

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
  secret "encryption_password" {}
  secret "encryption_salt" {}

  service "web" {
    image = "docker.io/appsmith/appsmith-ce:v2.3"
    env = {
      APPSMITH_BASE_URL              = app.url
      APPSMITH_DISABLE_TELEMETRY     = "true"
      APPSMITH_ENCRYPTION_PASSWORD   = secret.encryption_password
      APPSMITH_ENCRYPTION_SALT       = secret.encryption_salt
      APPSMITH_MAIL_ENABLED          = setting.smtp_host != "" ? "true" : "false"
      APPSMITH_MAIL_FROM             = setting.smtp_host != "" ? setting.smtp_from : null
      APPSMITH_MAIL_HOST             = setting.smtp_host != "" ? setting.smtp_host : null
      APPSMITH_MAIL_PORT             = setting.smtp_host != "" ? setting.smtp_port : null
      APPSMITH_MAIL_USERNAME         = setting.smtp_host != "" ? setting.smtp_username : null
      APPSMITH_MAIL_PASSWORD         = setting.smtp_host != "" ? setting.smtp_password : null
      APPSMITH_MAIL_SMTP_AUTH        = setting.smtp_host != "" ? setting.smtp_username != "" : null
      APPSMITH_MAIL_SMTP_TLS_ENABLED = setting.smtp_host != "" ? setting.smtp_security != "none" : null
    }
    volume "stacks" {
      path = "/appsmith-stacks"
      mode = "0755"
      kind = "database"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 80
      access = "private"
      health {
        path    = "/api/v1/health"
        timeout = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 2048
      memory_max = 4096
    }
  }
}
