app "swing-music" {
  title         = "Swing Music"
  tagline       = "Your own music, as handsome as a streaming service"
  description   = "Plays the music that you own in the browser and on the phone, with albums put in order, mixes by what you hear, lyrics and folders for those who like folders."
  category      = "media"
  version       = "3.0.0"
  website       = "https://swingmx.com"
  source        = "https://github.com/swingmx/swingmusic"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 512
  min_disk      = 1024
  notes         = "Put your music into the folder \"web/music\" that this app's status names. Where it asks for a name and password at the first visit, they are admin and admin; change them under Settings."

  service "web" {
    image = "ghcr.io/swingmx/swingmusic:v3.0.0"
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
    volume "music" {
      path  = "/music"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # Its first password is known to everybody; hence private.
    expose "web" {
      port   = 1970
      access = "private"
      health {
        path    = "/"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }
}
