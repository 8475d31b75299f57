app "filebrowser" {
  title         = "File Browser"
  tagline       = "Your files, in any browser"
  description   = "Upload, look through, share and edit files from wherever you are. You decide who sees which folder, and a link with an end date lets somebody without an account download a single thing."
  category      = "files"
  version       = "2.63.23"
  website       = "https://filebrowser.org"
  source        = "https://github.com/filebrowser/filebrowser"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 128
  min_disk      = 256
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you. Add people under Settings, User Management."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, when the first account is made."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image = "docker.io/filebrowser/filebrowser:v2.63.23"
    # File Browser takes the first password as a bcrypt hash only, so it makes
    # the hash itself, once, before its database is there.
    entrypoint = ["tini", "--", "/bin/sh", "-ec"]
    command = [<<-EOT
      if [ ! -f /database/filebrowser.db ]; then
        FB_PASSWORD=$(filebrowser hash "$ADMIN_PASSWORD")
        export FB_PASSWORD
      fi
      unset ADMIN_PASSWORD
      exec /init.sh
    EOT
    ]
    user = "1000:1000"
    env = {
      ADMIN_PASSWORD = secret.admin_password
      FB_USERNAME    = setting.admin_username
      # Not 80, the image's own: user 1000 may not open it everywhere.
      FB_PORT = "8080"
    }
    volume "files" {
      path  = "/srv"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "database" {
      path  = "/database"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/health" }
    }
    resources {
      cpu    = 100
      memory = 64
    }
  }
}
