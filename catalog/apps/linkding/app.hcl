app "linkding" {
  title         = "linkding"
  tagline       = "Bookmarks, quick and tidy"
  description   = "A small, fast list of your links with tags and notes, which fetches titles by itself, sends a copy to the Internet Archive if you like, and saves from every browser with a button."
  category      = "reading"
  version       = "1.45.0"
  website       = "https://linkding.link"
  source        = "https://github.com/sissbruecker/linkding"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 256
  notes         = "Sign in with the name that you chose and the password that was made for you. Make accounts for others under Settings, Admin."

  setting "admin_username" {
    title   = "Name to sign in with"
    help    = "Used once, when the first account is made."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "admin_password" {
    title  = "Password to sign in with"
    reveal = true
  }

  service "web" {
    image = "docker.io/sissbruecker/linkding:1.45.0"
    env = {
      LD_CSRF_TRUSTED_ORIGINS = app.url
      LD_SUPERUSER_NAME       = setting.admin_username
      LD_SUPERUSER_PASSWORD   = secret.admin_password
      TZ                      = pool.timezone
    }
    volume "data" {
      path  = "/etc/linkding/data"
      owner = "33:33"
      kind  = "database"
    }
    expose "web" {
      port   = 9090
      access = "app"
      health { path = "/health" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 160
      memory_max = 384
    }
  }
}
