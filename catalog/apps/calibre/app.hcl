app "calibre" {
  title         = "calibre"
  tagline       = "The workshop for e-books, in your browser"
  description   = "The well-known program for turning e-books into any format, mending their covers and descriptions and filling readers, run on your server and shown in the browser. Calibre-Web or Kavita from this catalog are the shelf; this is the workbench."
  category      = "reading"
  version       = "9.13.0"
  website       = "https://calibre-ebook.com"
  source        = "https://github.com/kovidgoyal/calibre"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "calibre"
  min_memory    = 2048
  min_disk      = 4096
  notes         = "Your browser asks for a name and a password: they are calibre and the one that was made for you. Put books into the folder \"web/config\" that this app's status names, or drop them into the window. Give this app an https address: browsers show its screen only there."

  secret "password" {
    title  = "Password of the user calibre"
    reveal = true
  }

  service "web" {
    image = "lscr.io/linuxserver/calibre:9.13.0"
    env = {
      CUSTOM_USER = "calibre"
      PASSWORD    = secret.password
      PGID        = "1000"
      PUID        = "1000"
      TITLE       = "calibre"
      TZ          = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    # A whole desktop stands behind it; hence private as well.
    expose "web" {
      port   = 8080
      access = "private"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:8080/"] }
    shm_size     = 1024
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 768
      memory_max = 2560
    }
  }
}
