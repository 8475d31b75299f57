app "minecraft-server" {
  title         = "Minecraft server"
  tagline       = "Your own world, for friends and family"
  description   = "Runs a world of Minecraft's Java edition that is always there, with the kind of server, the rules and the players that you choose, and plugins or mods if you like."
  category      = "games"
  version       = "2026.8.0"
  website       = "https://docker-minecraft-server.readthedocs.io"
  source        = "https://github.com/itzg/docker-minecraft-server"
  license       = "Apache-2.0 AND LicenseRef-Minecraft-EULA"
  architectures = ["amd64", "arm64"]
  min_memory    = 4096
  min_disk      = 4096
  notes         = "Players add this machine's address as a server; port 25565 must be forwarded if your cloud stands behind a router. The first start fetches the server and makes the world, which takes minutes. The world, plugins and mods lie in the folder \"game/data\" that this app's status names. Everybody who knows the address may join until you name the players."

  setting "eula" {
    title    = "Minecraft's licence"
    help     = "You accept Mojang's terms (minecraft.net/eula); without that the server may not run."
    type     = "choice"
    choices  = ["accept"]
    required = true
  }
  setting "type" {
    title   = "Kind of server"
    help    = "VANILLA is Mojang's own, PAPER faster and with plugins, FABRIC and NEOFORGE for mods."
    type    = "choice"
    choices = ["VANILLA", "PAPER", "PURPUR", "FABRIC", "NEOFORGE", "FORGE"]
    default = "PAPER"
  }
  setting "version" {
    title   = "Minecraft's version"
    help    = "LATEST, or a number as the players have it."
    type    = "string"
    default = "LATEST"
    pattern = "[A-Za-z0-9._-]{1,32}"
  }
  setting "motd" {
    title   = "What stands below its name in the list"
    type    = "string"
    default = "A Minecraft server in my own cloud"
  }
  setting "difficulty" {
    title   = "Difficulty"
    type    = "choice"
    choices = ["peaceful", "easy", "normal", "hard"]
    default = "normal"
  }
  setting "mode" {
    title   = "Mode"
    type    = "choice"
    choices = ["survival", "creative", "adventure", "spectator"]
    default = "survival"
  }
  setting "max_players" {
    title   = "Players at the same time"
    type    = "number"
    default = 10
    min     = 1
    max     = 200
  }
  setting "players" {
    title   = "Who may play"
    help    = "Minecraft names with commas between. Empty: everybody who knows the address."
    type    = "string"
    pattern = "[A-Za-z0-9_, ]*"
  }
  setting "operators" {
    title   = "Who may give orders"
    help    = "Minecraft names with commas between."
    type    = "string"
    pattern = "[A-Za-z0-9_, ]*"
  }
  setting "memory" {
    title    = "Memory for the game"
    type     = "choice"
    choices  = ["1G", "2G", "3G", "4G", "6G"]
    default  = "2G"
    advanced = true
  }
  setting "seed" {
    title    = "Seed of the world"
    type     = "string"
    pattern  = "[A-Za-z0-9 _-]*"
    advanced = true
  }
  secret "rcon_password" {}

  service "game" {
    image = "docker.io/itzg/minecraft-server:2026.8.0-java25"
    env = {
      DIFFICULTY        = setting.difficulty
      ENABLE_WHITELIST  = setting.players != "" ? "true" : null
      ENFORCE_WHITELIST = setting.players != "" ? "true" : null
      EULA              = setting.eula == "accept" ? "TRUE" : "FALSE"
      GID               = "1000"
      MAX_PLAYERS       = setting.max_players
      MEMORY            = setting.memory
      MODE              = setting.mode
      MOTD              = setting.motd
      OPS               = setting.operators != "" ? setting.operators : null
      RCON_PASSWORD     = secret.rcon_password
      SEED              = setting.seed != "" ? setting.seed : null
      STOP_DURATION     = "60"
      TYPE              = setting.type
      TZ                = pool.timezone
      UID               = "1000"
      VERSION           = setting.version
      WHITELIST         = setting.players != "" ? setting.players : null
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "database"
    }
    port "game" {
      port  = 25565
      title = "Minecraft players"
    }
    health {
      command  = ["mc-health"]
      interval = 30
      timeout  = 20
    }
    stop_timeout = 90
    resources {
      cpu        = 1000
      memory     = 2560
      memory_max = 7168
    }
  }
}
