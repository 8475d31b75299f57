app "flatnotes" {
  title         = "flatnotes"
  tagline       = "A folder of Markdown files, with a search box"
  description   = "Your notes are files in one folder, nothing more; this gives them a page to write and to search in, for those who want no system."
  category      = "notes"
  version       = "5.5.4"
  website       = "https://github.com/dullage/flatnotes"
  source        = "https://github.com/dullage/flatnotes"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 128
  min_disk      = 256
  notes         = "Sign in with the name that you chose and the password that was made for you. The notes lie in the folder \"web/notes\" that this app's status names."

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
  secret "secret_key" { length = 48 }

  service "web" {
    image = "docker.io/dullage/flatnotes:v5.5.4"
    env = {
      FLATNOTES_AUTH_TYPE  = "password"
      FLATNOTES_PASSWORD   = secret.admin_password
      FLATNOTES_SECRET_KEY = secret.secret_key
      FLATNOTES_USERNAME   = setting.admin_username
      PGID                 = "1000"
      PUID                 = "1000"
      TZ                   = pool.timezone
    }
    volume "notes" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/health" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 256
    }
  }
}
