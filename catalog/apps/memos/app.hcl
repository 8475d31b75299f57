app "memos" {
  title         = "Memos"
  tagline       = "Jot it down, find it later"
  description   = "A stream of short notes with tags, pictures and to-dos, as quick to write as a message, and shared only with whom you want."
  category      = "notes"
  version       = "0.30.0"
  website       = "https://usememos.com"
  source        = "https://github.com/usememos/memos"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 128
  min_disk      = 256
  notes         = "The first account that is made is the owner's. Close registration under Settings, System. Only your home network passes its front door until you open it to others."

  service "web" {
    image = "docker.io/neosmemo/memos:0.30.0"
    user  = "10001:10001"
    env = {
      MEMOS_INSTANCE_URL = app.url
      MEMOS_MODE         = "prod"
      MEMOS_PORT         = "5230"
      TZ                 = pool.timezone
    }
    volume "data" {
      path  = "/var/opt/memos"
      owner = "10001:10001"
      kind  = "database"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 5230
      access = "private"
      health { path = "/healthz" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 64
      memory_max = 256
    }
  }
}
