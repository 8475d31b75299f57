app "apprise-api" {
  title         = "Apprise"
  tagline       = "One request, and the message goes to wherever you like"
  description   = "Write down once how you are reached, by any of a hundred services, and let your scripts and apps send to one place that passes it on."
  category      = "communication"
  version       = "1.5.3"
  website       = "https://github.com/caronc/apprise-api"
  source        = "https://github.com/caronc/apprise-api"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 256
  notes         = "Open it, choose a key of your own for a configuration, and write down where messages go. Senders then post to /notify/ followed by that key, from the home network."

  service "web" {
    image = "docker.io/caronc/apprise:1.5.3"
    env = {
      APPRISE_STATEFUL_MODE = "simple"
      APPRISE_WORKER_COUNT  = "1"
      PUID                  = "1000"
      PGID                  = "1000"
      TZ                    = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
    }
    volume "attach" {
      path  = "/attach"
      owner = "1000:1000"
      kind  = "cache"
    }
    expose "web" {
      port   = 8000
      access = "private"
      health { path = "/status" }
    }
    resources {
      cpu        = 50
      memory     = 128
      memory_max = 384
    }
  }
}
