app "budibase" {
  title         = "Budibase"
  tagline       = "Forms, portals and inner tools without much code"
  description   = "Build small apps on your data by clicking: requests for leave, stock lists, surveys, a portal for customers. It keeps the data itself or works on databases that you have."
  category      = "development"
  version       = "3.41.3"
  website       = "https://budibase.com"
  source        = "https://github.com/Budibase/budibase"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 3072
  min_disk      = 4096
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    type     = "email"
    required = true
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
  secret "api_key" {}
  secret "couchdb_password" {}
  secret "encryption_key" {}
  secret "jwt_secret" { length = 64 }
  secret "minio_access" {}
  secret "minio_secret" {}
  secret "redis_password" {}

  service "web" {
    image = "docker.io/budibase/budibase:3.41.3"
    env = {
      API_ENCRYPTION_KEY     = secret.encryption_key
      BB_ADMIN_USER_EMAIL    = setting.admin_email
      BB_ADMIN_USER_PASSWORD = secret.admin_password
      COUCHDB_USER           = "budibase"
      COUCHDB_PASSWORD       = secret.couchdb_password
      INTERNAL_API_KEY       = secret.api_key
      JWT_SECRET             = secret.jwt_secret
      MINIO_ACCESS_KEY       = secret.minio_access
      MINIO_SECRET_KEY       = secret.minio_secret
      PLATFORM_URL           = app.url
      REDIS_PASSWORD         = secret.redis_password
      SMTP_HOST              = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT              = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USER              = setting.smtp_host != "" ? setting.smtp_username : null
      SMTP_PASSWORD          = setting.smtp_host != "" ? setting.smtp_password : null
      SMTP_FROM_ADDRESS      = setting.smtp_host != "" ? setting.smtp_from : null
    }
    volume "data" {
      path = "/data"
      mode = "0755"
      kind = "database"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path    = "/health"
        timeout = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 1536
      memory_max = 3072
    }
  }
}
