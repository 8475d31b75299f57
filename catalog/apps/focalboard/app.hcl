app "focalboard" {
  title         = "Focalboard"
  tagline       = "Boards, tables and calendars of the same cards"
  description   = "Collect tasks or anything else as cards with fields of your own, and look at them as a board, a table, a gallery or a calendar. Its makers no longer develop it, but it does its work."
  category      = "office"
  version       = "7.11.4"
  website       = "https://www.focalboard.com"
  source        = "https://github.com/mattermost-community/focalboard"
  license       = "MIT"
  architectures = ["amd64"]
  min_memory    = 256
  min_disk      = 256
  notes         = "Make your account; others need an invitation link, which you copy in the menu of your team. Only your home network passes its front door until you open it to others."

  service "web" {
    image = "docker.io/mattermost/focalboard:7.11.4"
    file "/opt/focalboard/config.json" {
      content = jsonencode({
        serverRoot              = app.url
        port                    = 8000
        dbtype                  = "sqlite3"
        dbconfig                = "/opt/focalboard/data/focalboard.db"
        postgres_dbconfig       = ""
        useSSL                  = false
        webpath                 = "./pack"
        filespath               = "./data/files"
        telemetry               = false
        session_expire_time     = 2592000
        session_refresh_time    = 18000
        localOnly               = false
        enableLocalMode         = true
        localModeSocketLocation = "/var/tmp/focalboard_local.socket"
      })
    }
    volume "data" {
      path  = "/opt/focalboard/data"
      owner = "65534:65534"
      kind  = "database"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 8000
      access = "private"
      health { path = "/" }
    }
    resources {
      cpu        = 100
      memory     = 64
      memory_max = 384
    }
  }
}
