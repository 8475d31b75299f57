app "wakapi" {
  title         = "Wakapi"
  tagline       = "How long you wrote code on what"
  description   = "The WakaTime plugin of your editor reports to it, and it shows you days and weeks by project, language and machine. Nobody else gets to know."
  category      = "development"
  version       = "2.17.6"
  website       = "https://wakapi.dev"
  source        = "https://github.com/muety/wakapi"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 256
  notes         = "Make your account on the first page, then set your editor's WakaTime plugin to this address with /api behind it and your key. When everybody has an account, turn registration off (dcloud app config wakapi --set registration=false). What editors send is taken from everywhere; the pages open only in your home network until you open them to others."

  setting "registration" {
    title   = "Let people make accounts"
    type    = "bool"
    default = true
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
  secret "password_salt" { length = 64 }

  service "web" {
    image = "ghcr.io/muety/wakapi:2.17.6"
    user  = "65532:65532"
    env = {
      ENVIRONMENT             = "prod"
      TZ                      = pool.timezone
      WAKAPI_ALLOW_SIGNUP     = setting.registration ? "true" : "false"
      WAKAPI_DB_NAME          = "/data/wakapi.db"
      WAKAPI_DB_TYPE          = "sqlite3"
      WAKAPI_INSECURE_COOKIES = trimprefix(app.url, "https://") != app.url ? "false" : "true"
      WAKAPI_LISTEN_IPV4      = "0.0.0.0"
      WAKAPI_LISTEN_IPV6      = "-"
      WAKAPI_PASSWORD_SALT    = secret.password_salt
      WAKAPI_PORT             = "3000"
      WAKAPI_PUBLIC_URL       = app.url
      WAKAPI_MAIL_ENABLED     = setting.smtp_host != "" ? "true" : "false"
      WAKAPI_MAIL_PROVIDER    = "smtp"
      WAKAPI_MAIL_SENDER      = setting.smtp_from != "" ? setting.smtp_from : null
      WAKAPI_MAIL_SMTP_HOST   = setting.smtp_host != "" ? setting.smtp_host : null
      WAKAPI_MAIL_SMTP_PORT   = setting.smtp_host != "" ? setting.smtp_port : null
      WAKAPI_MAIL_SMTP_USER   = setting.smtp_username != "" ? setting.smtp_username : null
      WAKAPI_MAIL_SMTP_PASS   = setting.smtp_username != "" ? setting.smtp_password : null
      WAKAPI_MAIL_SMTP_TLS    = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
    }
    volume "data" {
      path  = "/data"
      owner = "65532:65532"
      kind  = "database"
    }
    # Anybody may make an account while registration is on; hence private, but for what editors send, which wants a key.
    expose "web" {
      port   = 3000
      access = "private"
      public = ["/api"]
      health { path = "/api/health" }
    }
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 256
    }
  }
}
