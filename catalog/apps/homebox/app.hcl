app "homebox" {
  title         = "HomeBox"
  tagline       = "What you own, where it is, and its receipt"
  description   = "A list of your things with places, photos, receipts, warranties and labels to print, for the insurance, for moving house, and for finding the drill."
  category      = "home"
  version       = "0.26.2"
  website       = "https://homebox.software"
  source        = "https://github.com/sysadminsmedia/homebox"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Make your account with Register. When everybody has theirs, turn registration off (dcloud app config homebox --set registration=false); others can still come by an invitation. Only your home network passes its front door until you open it to others."

  setting "registration" {
    title   = "Let anybody make an account"
    help    = "Needed until everybody has one."
    type    = "bool"
    default = true
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
  secret "pepper" { length = 48 }

  service "web" {
    image = "ghcr.io/sysadminsmedia/homebox:0.26.2-rootless"
    env = {
      HBOX_AUTH_API_KEY_PEPPER          = secret.pepper
      HBOX_MODE                         = "production"
      HBOX_OPTIONS_ALLOW_ANALYTICS      = "false"
      HBOX_OPTIONS_ALLOW_REGISTRATION   = setting.registration
      HBOX_OPTIONS_CHECK_GITHUB_RELEASE = "false"
      HBOX_OPTIONS_HOSTNAME             = app.host
      HBOX_OPTIONS_TRUST_PROXY          = "true"
      HBOX_WEB_MAX_UPLOAD_SIZE          = "50"
      HBOX_WEB_PORT                     = "7745"
      HBOX_MAILER_HOST                  = setting.smtp_host != "" ? setting.smtp_host : null
      HBOX_MAILER_PORT                  = setting.smtp_host != "" ? setting.smtp_port : null
      HBOX_MAILER_USERNAME              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      HBOX_MAILER_PASSWORD              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      HBOX_MAILER_FROM                  = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      TZ                                = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "65532:65532"
      kind  = "database"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 7745
      access = "private"
      health { path = "/api/v1/status" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 384
    }
  }
}
