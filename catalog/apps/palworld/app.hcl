app "palworld" {
  title         = "Palworld server"
  tagline       = "Your own Palworld, for up to 32 friends"
  description   = "A world that is there whenever your friends want to play, with a password, backups of its own, and restarts when the game is updated."
  category      = "games"
  version       = "2.7.1"
  website       = "https://github.com/thijsvanloef/palworld-server-docker"
  source        = "https://github.com/thijsvanloef/palworld-server-docker"
  license       = "MIT AND LicenseRef-Palworld"
  architectures = ["amd64"]
  min_memory    = 16384
  min_disk      = 20480
  notes         = "Players join by this machine's address and port 8211, with the password that was made for you; forward UDP 8211 and 27015 if your cloud stands behind a router. The first start fetches several gigabytes."

  setting "server_name" {
    title   = "Name of the server"
    type    = "string"
    default = "Our Palworld"
    pattern = "[^\"\\\\]{1,64}"
  }
  setting "max_players" {
    title   = "Players at the same time"
    type    = "number"
    default = 8
    min     = 1
    max     = 32
  }
  setting "community" {
    title   = "Show it in the list of community servers"
    type    = "bool"
    default = false
  }
  secret "server_password" {
    title  = "Password for players"
    reveal = true
    length = 16
  }
  secret "admin_password" {
    title  = "Password for orders"
    reveal = true
    length = 20
  }

  service "game" {
    image = "docker.io/thijsvanloef/palworld-server-docker:v2.7.1"
    env = {
      ADMIN_PASSWORD     = secret.admin_password
      BACKUP_ENABLED     = "true"
      COMMUNITY          = setting.community
      DELETE_OLD_BACKUPS = "true"
      MULTITHREADING     = "true"
      PGID               = "1000"
      PLAYERS            = setting.max_players
      PORT               = "8211"
      PUID               = "1000"
      QUERY_PORT         = "27015"
      RCON_ENABLED       = "true"
      SERVER_NAME        = setting.server_name
      SERVER_PASSWORD    = secret.server_password
      TZ                 = pool.timezone
      UPDATE_ON_BOOT     = "true"
    }
    volume "data" {
      path  = "/palworld"
      owner = "1000:1000"
      kind  = "database"
    }
    port "game" {
      port     = 8211
      protocol = "udp"
      title    = "Palworld players"
    }
    port "query" {
      port     = 27015
      protocol = "udp"
      title    = "Palworld's list of servers"
    }
    stop_timeout = 60
    resources {
      cpu        = 1000
      memory     = 4096
      memory_max = 16384
    }
  }
}
