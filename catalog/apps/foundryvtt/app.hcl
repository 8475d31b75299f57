app "foundryvtt" {
  title         = "Foundry Virtual Tabletop"
  tagline       = "Your role-playing table, for friends far away"
  description   = "Maps, dice, character sheets and light and sound for role-playing games, played together in the browser. You buy it once from its makers; this runs it for your group."
  category      = "games"
  version       = "13.351.0"
  website       = "https://foundryvtt.com"
  source        = "https://github.com/felddy/foundryvtt-docker"
  license       = "MIT AND LicenseRef-Foundry-EULA"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 4096
  notes         = "It fetches the program with your account at foundryvtt.com at the first start. Sign in to the setup page with the administrator's password that was made for you, make a world, and give your players this address."

  setting "foundry_username" {
    title    = "Name at foundryvtt.com"
    type     = "string"
    required = true
  }
  setting "foundry_password" {
    title = "Password at foundryvtt.com"
    type  = "password"
  }
  secret "admin_key" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image = "docker.io/felddy/foundryvtt:13.351.0"
    env = {
      FOUNDRY_ADMIN_KEY  = secret.admin_key
      FOUNDRY_HOSTNAME   = app.host
      FOUNDRY_PASSWORD   = setting.foundry_password
      FOUNDRY_PROXY_PORT = replace(app.url, "https://", "") != app.url ? "443" : "80"
      FOUNDRY_PROXY_SSL  = replace(app.url, "https://", "") != app.url
      FOUNDRY_TELEMETRY  = "false"
      FOUNDRY_USERNAME   = setting.foundry_username
      TIMEZONE           = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 30000
      access = "app"
      health {
        path    = "/api/status"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 512
      memory_max = 1536
    }
  }
}
