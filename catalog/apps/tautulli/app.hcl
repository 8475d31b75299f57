app "tautulli" {
  title         = "Tautulli"
  tagline       = "Who watches what on your Plex"
  description   = "Shows what plays on your Plex server now and what did before, with charts by person, device and title, and tells you when somebody watches or something new arrives."
  category      = "media"
  version       = "2.17.2"
  website       = "https://tautulli.com"
  source        = "https://github.com/Tautulli/Tautulli"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 512
  notes         = "The first visit asks for a name and a password, and then for your Plex server. Mail and other messages are set up under Settings, Notification Agents."

  service "web" {
    image = "lscr.io/linuxserver/tautulli:2.17.2"
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
    # Open to everybody until its owner sets a password; hence private.
    expose "web" {
      port   = 8181
      access = "private"
      health { path = "/status" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 160
      memory_max = 512
    }
  }
}
