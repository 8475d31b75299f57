app "gotosocial" {
  title         = "GoToSocial"
  tagline       = "A small, quiet server for the open social network"
  description   = "Your address among Mastodon, Pixelfed and all the others, on a machine as small as a Raspberry Pi. You use it through the apps that you already like; it brings no page of its own to scroll through."
  category      = "social"
  version       = "0.22.1"
  website       = "https://gotosocial.org"
  source        = "https://codeberg.org/superseriousbusiness/gotosocial"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 4096
  notes         = "Sign in from an app such as Tusky, Feditext, Phanpy or Elk with this app's address, your e-mail address and the password that was made for you; /settings is where you change it. The host name cannot be changed later, since other servers remember it."

  setting "owner_username" {
    title   = "Your name in the network"
    help    = "What stands before this app's host name in your address. Used once, for the first account."
    type    = "string"
    default = "me"
    pattern = "[a-z0-9_]{1,64}"
  }
  setting "owner_email" {
    title = "Your e-mail address"
    help  = "You sign in with it. Empty: your name at the app's host name. Used once, for the first account."
    type  = "email"
  }
  setting "registrations" {
    title    = "Let others ask for an account"
    type     = "bool"
    default  = false
    advanced = true
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
    image      = "docker.io/superseriousbusiness/gotosocial:0.22.1"
    entrypoint = ["/bin/sh", "/opt/start.sh"]
    user       = "1000:1000"
    env = {
      OWNER_USERNAME                 = setting.owner_username
      OWNER_EMAIL                    = setting.owner_email != "" ? setting.owner_email : "${setting.owner_username}@${app.host}"
      OWNER_PASSWORD                 = secret.owner_password
      GTS_HOST                       = app.host
      GTS_PROTOCOL                   = replace(app.url, "https://", "") != app.url ? "https" : "http"
      GTS_DB_TYPE                    = "sqlite"
      GTS_DB_ADDRESS                 = "/gotosocial/storage/sqlite.db"
      GTS_STORAGE_LOCAL_BASE_PATH    = "/gotosocial/storage"
      GTS_WAZERO_COMPILATION_CACHE   = "/gotosocial/.cache"
      GTS_LETSENCRYPT_ENABLED        = "false"
      GTS_TRUSTED_PROXIES            = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      GTS_ACCOUNTS_REGISTRATION_OPEN = setting.registrations
      TZ                             = pool.timezone
      GTS_SMTP_HOST                  = setting.smtp_host != "" ? setting.smtp_host : null
      GTS_SMTP_PORT                  = setting.smtp_host != "" ? setting.smtp_port : null
      GTS_SMTP_USERNAME              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      GTS_SMTP_PASSWORD              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      GTS_SMTP_FROM                  = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
    }
    file "/opt/start.sh" {
      content = <<-EOT
        set -eu
        cd /gotosocial
        if [ ! -e storage/.first-account-made ]; then
          ./gotosocial admin account create --username "$OWNER_USERNAME" --email "$OWNER_EMAIL" --password "$OWNER_PASSWORD"
          ./gotosocial admin account promote --username "$OWNER_USERNAME"
          touch storage/.first-account-made
        fi
        unset OWNER_PASSWORD
        exec ./gotosocial server start
      EOT
    }
    volume "storage" {
      path  = "/gotosocial/storage"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "cache" {
      path  = "/gotosocial/.cache"
      owner = "1000:1000"
      kind  = "cache"
    }
    expose "web" {
      port   = 8080
      access = "app"
      # Not livez, which is well while it still prepares itself and answers 503 to people.
      health { path = "/readyz" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 768
    }
  }
}
