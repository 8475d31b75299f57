app "mealie" {
  title         = "Mealie"
  tagline       = "The family's cookbook, with plans and shopping lists"
  description   = "Takes recipes from websites without their chatter, keeps them in your cookbook, plans the week's meals and writes the shopping list for it."
  category      = "home"
  version       = "3.23.1"
  website       = "https://mealie.io"
  source        = "https://github.com/mealie-recipes/mealie"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "changeme@example.com"
  min_memory    = 768
  min_disk      = 1024
  notes         = "Sign in as changeme@example.com with the password MyPassword; it asks for your own at once, so give them. Only your home network passes its front door until you open it to others. Then invite the family under Manage members."

  setting "registration" {
    title   = "Let anybody who passes the door make an account"
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
    choices  = ["TLS", "SSL", "NONE"]
    default  = "TLS"
    advanced = true
  }

  service "web" {
    image = "ghcr.io/mealie-recipes/mealie:v3.23.1"
    env = {
      ALLOW_SIGNUP       = setting.registration
      BASE_URL           = app.url
      PGID               = "1000"
      PUID               = "1000"
      SMTP_HOST          = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PORT          = setting.smtp_host != "" ? setting.smtp_port : null
      SMTP_USER          = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD      = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_FROM_EMAIL    = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      SMTP_AUTH_STRATEGY = setting.smtp_host != "" ? setting.smtp_security : null
      SMTP_FROM_NAME     = setting.smtp_host != "" ? "Mealie" : null
      TZ                 = pool.timezone
    }
    volume "data" {
      path  = "/app/data"
      owner = "1000:1000"
      kind  = "database"
    }
    # Its first password is known to everybody; hence private.
    expose "web" {
      port   = 9000
      access = "private"
      health {
        path    = "/api/app/about"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 320
      memory_max = 1024
    }
  }
}
