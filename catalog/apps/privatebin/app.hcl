app "privatebin" {
  title         = "PrivateBin"
  tagline       = "Hand over a text that even the server cannot read"
  description   = "Paste a text, send the link, and let it vanish after a day or after the first reading. Your browser encrypts it, and the key is only in the link."
  category      = "tools"
  version       = "2.0.6"
  website       = "https://privatebin.info"
  source        = "https://github.com/PrivateBin/PrivateBin"
  license       = "Zlib"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 128
  min_disk      = 512
  notes         = "Everybody who reaches this address can write and read texts here, since whoever gets a link from you must be able to open it. It works only where your cloud is reached by https."

  service "web" {
    image = "docker.io/privatebin/nginx-fpm-alpine:2.0.6"
    env = {
      TZ = pool.timezone
    }
    volume "data" {
      path  = "/srv/data"
      owner = "65534:82"
      mode  = "0770"
    }
    expose "web" {
      port   = 8080
      access = "public"
      health { path = "/" }
    }
    tmpfs = ["/tmp"]
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
