app "factorio" {
  title         = "Factorio server"
  tagline       = "The factory must grow, also at night"
  description   = "Runs a map of Factorio for you and your friends without a screen, with saves made by itself and room for mods."
  category      = "games"
  version       = "2.0.76"
  website       = "https://www.factorio.com"
  source        = "https://github.com/factoriotools/factorio-docker"
  license       = "MIT AND LicenseRef-Factorio"
  architectures = ["amd64"]
  min_memory    = 2048
  min_disk      = 2048
  notes         = "Players connect to this machine's address; forward UDP 34197 if your cloud stands behind a router. Name, password and players stand in config/server-settings.json in the folder \"game/data\" that this app's status names; restart after a change. Players need the same version of the game. Everybody who knows the address may join until you set a password there."

  setting "save_name" {
    title    = "Name of the map"
    type     = "string"
    default  = "world"
    pattern  = "[A-Za-z0-9_-]{1,40}"
    advanced = true
  }

  service "game" {
    image = "docker.io/factoriotools/factorio:2.0.76"
    env = {
      GENERATE_NEW_SAVE = "true"
      LOAD_LATEST_SAVE  = "true"
      PGID              = "845"
      PORT              = "34197"
      PUID              = "845"
      SAVE_NAME         = setting.save_name
      TZ                = pool.timezone
    }
    volume "data" {
      path  = "/factorio"
      owner = "845:845"
      kind  = "database"
    }
    port "game" {
      port     = 34197
      protocol = "udp"
      title    = "Factorio players"
    }
    stop_timeout = 60
    resources {
      cpu        = 1000
      memory     = 1024
      memory_max = 3072
    }
  }
}
