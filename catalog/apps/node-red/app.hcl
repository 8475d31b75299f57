app "node-red" {
  title         = "Node-RED"
  tagline       = "Wire things together with the mouse"
  description   = "Connect sensors, lamps, messages and web services by drawing lines between boxes. It is a favourite of people who automate their homes."
  category      = "automation"
  version       = "5.0.4"
  website       = "https://nodered.org"
  source        = "https://github.com/node-red/node-red"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 512
  notes         = "It asks nobody to sign in by itself, so its front door lets only your home network pass. Give it accounts in settings.js before you open it to others."

  secret "credential_secret" {}

  service "web" {
    image = "docker.io/nodered/node-red:5.0.4"
    env = {
      NODE_RED_CREDENTIAL_SECRET = secret.credential_secret
      TZ                         = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 1880
      access = "private"
      health { path = "/" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 512
    }
  }
}
