app "jackett" {
  title         = "Jackett"
  tagline       = "Teaches your apps to search torrent sites"
  description   = "Translates between programs that search by one common language and hundreds of torrent sites that each speak their own."
  category      = "media"
  version       = "0.24.2424"
  website       = "https://github.com/Jackett/Jackett"
  source        = "https://github.com/Jackett/Jackett"
  license       = "GPL-2.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 512
  notes         = "Set an administrator's password at the foot of the first page, add indexers, and copy their addresses and the key into the programs that search."

  service "web" {
    image = "lscr.io/linuxserver/jackett:0.24.2424"
    env = {
      # An image is replaced, not updated from within.
      AUTO_UPDATE = "false"
      PGID        = "1000"
      PUID        = "1000"
      TZ          = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    # Open to everybody until its owner sets a password; hence private.
    expose "web" {
      port   = 9117
      access = "private"
      health { path = "/health" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 768
    }
  }
}
