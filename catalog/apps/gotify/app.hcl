app "gotify" {
  title         = "Gotify"
  tagline       = "Messages from your machines, in one list"
  description   = "Whatever runs at home can tell you something: it sends one request, and you see it at once in the browser or on an Android phone."
  category      = "communication"
  version       = "3.0.0"
  website       = "https://gotify.net"
  source        = "https://github.com/gotify/server"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 128
  min_disk      = 256
  notes         = "Sign in with the administrator's name that you chose and the password that was made for you, then make an application for each sender; its token is what the sender uses."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, for the first account."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9._-]{1,64}"
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image = "docker.io/gotify/server:3.0.0"
    env = {
      GOTIFY_SERVER_PORT           = "8080"
      GOTIFY_SERVER_TRUSTEDPROXIES = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      GOTIFY_SERVER_SECURECOOKIE   = replace(app.url, "https://", "") != app.url
      GOTIFY_DEFAULTUSER_NAME      = setting.admin_username
      GOTIFY_DEFAULTUSER_PASS      = secret.admin_password
      TZ                           = pool.timezone
    }
    volume "data" {
      path  = "/app/data"
      owner = "0:0"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/health" }
    }
    resources {
      cpu    = 50
      memory = 48
    }
  }
}
