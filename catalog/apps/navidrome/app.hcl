app "navidrome" {
  title         = "Navidrome"
  tagline       = "Your music collection, streamed to you"
  description   = "Reads your folders of music and plays them in the browser or in any of dozens of apps that speak Subsonic. Light enough for a small board with a hundred thousand songs on it."
  category      = "media"
  version       = "0.63.2"
  website       = "https://www.navidrome.org"
  source        = "https://github.com/navidrome/navidrome"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 1024
  notes         = "Sign in as admin with the password that was made for you. Put your music into the folder \"web/music\" that this app's status names; it is found within minutes. On a phone, choose any Subsonic app and give it this address."

  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image = "docker.io/deluan/navidrome:0.63.2"
    user  = "1000:1000"
    env = {
      # Makes the account admin where there is no account yet.
      ND_DEVAUTOCREATEADMINPASSWORD = secret.admin_password
      ND_BASEURL                    = app.url
      ND_DATAFOLDER                 = "/data"
      ND_ENABLEINSIGHTSCOLLECTOR    = "false"
      ND_LOGLEVEL                   = "warn"
      ND_MUSICFOLDER                = "/music"
      TZ                            = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "music" {
      path  = "/music"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 4533
      access = "app"
      health { path = "/ping" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 512
    }
  }
}
