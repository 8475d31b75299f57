app "archivebox" {
  title         = "ArchiveBox"
  tagline       = "Your own archive of the web"
  description   = "Give it addresses, and it keeps each page as text, PDF, picture and a copy that works without a network, so that you still have what the web forgets."
  category      = "reading"
  version       = "0.7.4"
  website       = "https://archivebox.io"
  source        = "https://github.com/ArchiveBox/ArchiveBox"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 1536
  min_disk      = 10240
  notes         = "Sign in with the name that you chose and the password that was made for you, at /admin. Add addresses with the + above. A page takes some minutes and megabytes."

  setting "public" {
    title   = "Let everybody see what you keep"
    type    = "bool"
    default = false
  }
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
    image = "docker.io/archivebox/archivebox:0.7.4"
    env = {
      ADMIN_PASSWORD       = secret.admin_password
      ADMIN_USERNAME       = setting.admin_username
      ALLOWED_HOSTS        = "*"
      CSRF_TRUSTED_ORIGINS = app.url
      PGID                 = "911"
      PUBLIC_ADD_VIEW      = "False"
      PUBLIC_INDEX         = setting.public ? "True" : "False"
      PUBLIC_SNAPSHOTS     = setting.public ? "True" : "False"
      PUID                 = "911"
      TZ                   = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "911:911"
      kind  = "database"
    }
    expose "web" {
      port   = 8000
      access = "app"
      health {
        path    = "/health/"
        timeout = 10
      }
    }
    init         = true
    shm_size     = 256
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 384
      memory_max = 2048
    }
  }
}
