app "freshrss" {
  title         = "FreshRSS"
  tagline       = "All your feeds in one place, with room for the family"
  description   = "Follows websites, newspapers and channels, fetches what is new around the clock, and lets each reader filter, label and search. Most reader apps for phones can sync with it."
  category      = "reading"
  version       = "1.29.1"
  website       = "https://freshrss.org"
  source        = "https://github.com/FreshRSS/FreshRSS"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 512
  notes         = "Sign in with the name that you chose and the password that was made for you. Reader apps sync over the address /api/greader.php with the same name and password; change that second password under Settings, Profile when you change the first."

  setting "admin_username" {
    title   = "Name to sign in with"
    help    = "Used once, when the first account is made."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  setting "language" {
    title   = "Language"
    help    = "Two letters, as in en, de or fr."
    type    = "string"
    default = "en"
    pattern = "[a-z]{2}(-[a-z]{2})?"
  }
  setting "refresh_minute" {
    title    = "Minutes at which feeds are fetched"
    help     = "Two minutes of each hour, with a comma between."
    type     = "string"
    default  = "11,41"
    pattern  = "[0-9*/,-]{1,32}"
    advanced = true
  }
  secret "admin_password" {
    title  = "Password to sign in with"
    reveal = true
  }

  service "web" {
    image = "docker.io/freshrss/freshrss:1.29.1"
    env = {
      CRON_MIN     = setting.refresh_minute
      FRESHRSS_ENV = "production"
      # Both are read at the first start only; later ones find the account.
      FRESHRSS_INSTALL = "--api-enabled --base-url ${app.url} --default-user ${setting.admin_username} --language ${setting.language}"
      FRESHRSS_USER    = "--user ${setting.admin_username} --password ${secret.admin_password} --api-password ${secret.admin_password} --language ${setting.language}"
      TRUSTED_PROXY    = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16"
      TZ               = pool.timezone
    }
    volume "data" {
      path  = "/var/www/FreshRSS/data"
      owner = "33:33"
      kind  = "database"
    }
    volume "extensions" {
      path  = "/var/www/FreshRSS/extensions"
      owner = "33:33"
      kind  = "data"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path    = "/i/"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 512
    }
  }
}
