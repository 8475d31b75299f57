app "audioserve" {
  title         = "audioserve"
  tagline       = "Audiobooks straight from your folders"
  description   = "Plays audiobooks and lectures as they lie in your folders, without a library to tend. It remembers where you stopped, makes smaller streams for a slow network, and keeps your place on every device."
  category      = "media"
  version       = "0.30.1"
  website       = "https://github.com/izderadicka/audioserve"
  source        = "https://github.com/izderadicka/audioserve"
  license       = "MIT"
  architectures = ["amd64"]
  min_memory    = 256
  min_disk      = 1024
  notes         = "Put your audiobooks into the folder \"web/audiobooks\" that this app's status names, one folder for each. Sign in with the password that was made for you; everybody with it hears everything."

  secret "shared_secret" {
    title  = "Password to listen"
    reveal = true
  }

  service "web" {
    # Its makers tag builds with "latest" only; the digest is what does not move.
    image   = "docker.io/izderadicka/audioserve@sha256:c3609321701765671cae121fc0f61db122e8c124643c04770fbc9326c74b18e3"
    command = ["/audiobooks"]
    user    = "1000:1000"
    env = {
      AUDIOSERVE_DATA_DIR      = "/data"
      AUDIOSERVE_SHARED_SECRET = secret.shared_secret
      PORT                     = "3000"
      RUST_LOG                 = "warn"
      TZ                       = pool.timezone
    }
    # Where people stopped, and what is in the folders.
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "audiobooks" {
      path  = "/audiobooks"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health {
        path    = "/"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 96
      memory_max = 512
    }
  }
}
