app "ntfy" {
  title         = "ntfy"
  tagline       = "Push messages to your phone, from any script"
  description   = "Send a line of text by a plain web request, and your phone buzzes. Your alarms, cron jobs and other apps tell you what happened, through your own server."
  category      = "communication"
  version       = "2.27.0"
  website       = "https://ntfy.sh"
  source        = "https://github.com/binwiederhier/ntfy"
  license       = "Apache-2.0 OR GPL-2.0-only"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 512
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you. In the phone app, enter this app's address as the default server and add the account. Nobody without an account reads or sends anything."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, for the first account."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9_-]{1,64}"
  }
  setting "ios_push" {
    title    = "Wake iPhones through ntfy.sh"
    help     = "Apple delivers only through the app's makers; they see that something came, not what."
    type     = "bool"
    default  = true
    advanced = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image      = "docker.io/binwiederhier/ntfy:v2.27.0"
    entrypoint = ["/bin/sh", "-c"]
    # ntfy user add takes the password from the environment, and leaves a user alone who is there.
    command = ["ntfy user add --role=admin --ignore-exists \"$ADMIN_USERNAME\" && unset NTFY_PASSWORD && exec ntfy serve"]
    user    = "1000:1000"
    env = {
      NTFY_LISTEN_HTTP          = ":8080"
      NTFY_BASE_URL             = app.url
      NTFY_BEHIND_PROXY         = "true"
      NTFY_CACHE_FILE           = "/var/cache/ntfy/cache.db"
      NTFY_ATTACHMENT_CACHE_DIR = "/var/cache/ntfy/attachments"
      NTFY_AUTH_FILE            = "/var/lib/ntfy/user.db"
      NTFY_AUTH_DEFAULT_ACCESS  = "deny-all"
      NTFY_ENABLE_LOGIN         = "true"
      NTFY_UPSTREAM_BASE_URL    = setting.ios_push ? "https://ntfy.sh" : null
      NTFY_PASSWORD             = secret.admin_password
      ADMIN_USERNAME            = setting.admin_username
      TZ                        = pool.timezone
    }
    volume "data" {
      path  = "/var/lib/ntfy"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "cache" {
      path  = "/var/cache/ntfy"
      owner = "1000:1000"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/v1/health" }
    }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
