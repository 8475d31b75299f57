app "silverbullet" {
  title         = "SilverBullet"
  tagline       = "Notes in Markdown that you can program"
  description   = "Your pages are plain Markdown files; links, queries, templates and small scripts turn them into whatever you need, from a diary to a task list. Works in the browser, also without a network."
  category      = "notes"
  version       = "2.10.0"
  website       = "https://silverbullet.md"
  source        = "https://github.com/silverbulletmd/silverbullet"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 256
  notes         = "Sign in with the name that you chose and the password that was made for you. Give this app an https address: browsers let it work offline only there."

  setting "admin_username" {
    title   = "Name to sign in with"
    help    = "The only account; a new name replaces it."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "admin_password" {
    title  = "Password to sign in with"
    reveal = true
  }

  service "web" {
    image = "ghcr.io/silverbulletmd/silverbullet:2.10.0"
    env = {
      PGID    = "1000"
      PUID    = "1000"
      SB_USER = "${setting.admin_username}:${secret.admin_password}"
      TZ      = pool.timezone
    }
    volume "space" {
      path  = "/space"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/.ping" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 384
    }
  }
}
