app "owncast" {
  title         = "Owncast"
  tagline       = "Your own live stream, with chat"
  description   = "Point OBS or any other streaming program at it, and people watch on your page and talk beside it, without a platform in between. It can tell followers in the fediverse that you are live."
  category      = "media"
  version       = "0.2.5"
  website       = "https://owncast.online"
  source        = "https://github.com/owncast/owncast"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 1024
  min_disk      = 2048
  notes         = "Sign in at /admin as admin with the password that was made for you. In OBS, stream to rtmp:// this machine's address /live with the stream key. Turning the picture into several sizes needs a fast processor."

  secret "admin_password" {
    title  = "Password of the page /admin"
    reveal = true
  }
  secret "stream_key" {
    title  = "Stream key"
    reveal = true
  }

  service "web" {
    image      = "docker.io/owncast/owncast:0.2.5"
    entrypoint = ["/bin/sh", "-c"]
    # Its makers' password and stream key are known to everybody; these take
    # their place. It takes both as arguments only, so that they show in the
    # machine's list of processes, and the key not from anywhere else at all.
    command = ["exec /app/owncast -adminpassword \"$ADMIN_PASSWORD\" -streamkey \"$STREAM_KEY\""]
    workdir = "/app"
    env = {
      ADMIN_PASSWORD = secret.admin_password
      STREAM_KEY     = secret.stream_key
      TZ             = pool.timezone
    }
    volume "data" {
      path  = "/app/data"
      owner = "101:101"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/api/status" }
    }
    port "rtmp" {
      port  = 1935
      title = "Your streaming program (RTMP)"
    }
    stop_timeout = 20
    resources {
      cpu        = 500
      memory     = 192
      memory_max = 2048
    }
  }
}
