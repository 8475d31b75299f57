app "calibre-web" {
  title         = "Calibre-Web"
  tagline       = "Your Calibre library in the browser"
  description   = "Shows the e-books that you keep with Calibre as a shop window of your own: search, read, download, send to the reader. Give each reader an account and shelves."
  category      = "reading"
  version       = "0.6.27"
  website       = "https://github.com/janeczku/calibre-web"
  source        = "https://github.com/janeczku/calibre-web"
  license       = "GPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 1024
  notes         = "Copy a Calibre library, with its metadata.db, into the folder \"web/books\" that this app's status names. Sign in as admin with the password admin123, change that password at once under your name, and give /books as the place of the library."

  service "web" {
    image = "lscr.io/linuxserver/calibre-web:0.6.27"
    env = {
      PGID = "1000"
      PUID = "1000"
      TZ   = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "books" {
      path  = "/books"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # Its first password is known to everybody; hence private.
    expose "web" {
      port   = 8083
      access = "private"
      health {
        path    = "/login"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 768
    }
  }
}
