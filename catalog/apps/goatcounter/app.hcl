app "goatcounter" {
  title         = "GoatCounter"
  tagline       = "How many read your page, and not more than that"
  description   = "Simple numbers for small websites: pages, referrers, countries and screens, without cookies and on one page that loads at once."
  category      = "web"
  version       = "2.7.0"
  website       = "https://www.goatcounter.com"
  source        = "https://github.com/arp242/goatcounter"
  license       = "EUPL-1.2"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 256
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you. Under Settings, Site code, is the line to put into your pages."

  setting "owner_email" {
    title = "Your e-mail address"
    help  = "You sign in with it. Empty: me at the app's host name. Used once."
    type  = "email"
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "The server through which it sends mail. Leave it empty, and it sends none."
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
    title    = "Encryption of the way to the mail server"
    help     = "starttls is usual on port 587, tls on port 465."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
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
    title    = "Sender's address"
    help     = "Who its mail comes from."
    type     = "email"
    advanced = true
  }
  secret "owner_password" {
    title  = "Your first password"
    reveal = true
  }

  service "web" {
    image      = "docker.io/arp242/goatcounter:2.7.0"
    user       = "1000:1000"
    entrypoint = ["/bin/sh", "-c"]
    command    = ["[ -s /data/goatcounter.sqlite3 ] || goatcounter db create site -createdb -vhost \"$SITE_HOST\" -user.email \"$OWNER_EMAIL\" -user.password \"$OWNER_PASSWORD\" || exit 1; unset OWNER_PASSWORD; exec goatcounter serve -automigrate -listen :8080 -tls http"]
    env = {
      GOATCOUNTER_DB         = "sqlite3+/data/goatcounter.sqlite3"
      SITE_HOST              = app.host
      GOATCOUNTER_SMTP       = setting.smtp_host != "" ? "${setting.smtp_security == "tls" ? "smtps" : "smtp"}://${urlencode(setting.smtp_username)}:${urlencode(setting.smtp_password)}@${setting.smtp_host}:${setting.smtp_port}" : null
      GOATCOUNTER_EMAIL_FROM = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      OWNER_EMAIL            = setting.owner_email != "" ? setting.owner_email : "me@${app.host}"
      OWNER_PASSWORD         = secret.owner_password
      TZ                     = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/status" }
    }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
