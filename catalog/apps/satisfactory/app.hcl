app "satisfactory" {
  title         = "Satisfactory server"
  tagline       = "Your factory planet, always running"
  description   = "A world of Satisfactory that stays up when you log off, with saves made by itself, for a few friends and very long conveyor belts."
  category      = "games"
  version       = "1.9.10"
  website       = "https://github.com/wolveix/satisfactory-server"
  source        = "https://github.com/wolveix/satisfactory-server"
  license       = "MIT AND LicenseRef-Satisfactory"
  architectures = ["amd64"]
  min_memory    = 12288
  min_disk      = 20480
  notes         = "In the game, add this machine's address under Server Manager right away: the first one who does sets the administrator's password. Forward TCP and UDP 7777 and TCP 8888 if your cloud stands behind a router. The first start fetches several gigabytes."

  setting "max_players" {
    title   = "Players at the same time"
    type    = "number"
    default = 4
    min     = 1
    max     = 16
  }

  service "game" {
    image = "docker.io/wolveix/satisfactory-server:v1.9.10"
    env = {
      AUTOSAVENUM         = "5"
      MAXPLAYERS          = setting.max_players
      PGID                = "1000"
      PUID                = "1000"
      SERVERGAMEPORT      = "7777"
      SERVERMESSAGINGPORT = "8888"
      TZ                  = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    port "game" {
      port  = 7777
      title = "Satisfactory players"
    }
    port "game-udp" {
      port     = 7777
      protocol = "udp"
      title    = "Satisfactory players, over UDP"
    }
    port "messages" {
      port  = 8888
      title = "Satisfactory's messages"
    }
    stop_timeout = 60
    resources {
      cpu        = 1000
      memory     = 4096
      memory_max = 14336
    }
  }
}
