app "thelounge" {
  title         = "The Lounge"
  tagline       = "IRC that stays connected while you sleep"
  description   = "A chat client for IRC in the browser that keeps your place in every channel, with everything that was said while you were away, on all your devices."
  category      = "communication"
  version       = "4.4.3"
  website       = "https://thelounge.chat"
  source        = "https://github.com/thelounge/thelounge"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Sign in with the name that you chose and the password that was made for you, and connect to a network."

  setting "username" {
    title   = "Your name"
    help    = "Used once, for the first account."
    type    = "string"
    default = "me"
    pattern = "[A-Za-z0-9_-]{1,40}"
  }
  secret "user_password" {
    title  = "Your first password"
    reveal = true
  }

  service "web" {
    image      = "ghcr.io/thelounge/thelounge:v4.4.3"
    user       = "1000:1000"
    entrypoint = ["/bin/sh", "-c"]
    command    = ["mkdir -p \"$THELOUNGE_HOME/users\"; [ -e \"$THELOUNGE_HOME/users/$USER_NAME.json\" ] || thelounge add --password \"$USER_PASSWORD\" --save-logs \"$USER_NAME\" || exit 1; unset USER_PASSWORD; exec thelounge start -c public=false -c reverseProxy=true"]
    env = {
      THELOUNGE_HOME = "/var/opt/thelounge"
      USER_NAME      = setting.username
      USER_PASSWORD  = secret.user_password
      TZ             = pool.timezone
    }
    volume "data" {
      path  = "/var/opt/thelounge"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 9000
      access = "app"
      health {}
    }
    resources {
      cpu    = 50
      memory = 128
    }
  }
}
