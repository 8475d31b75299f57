app "mumble" {
  title         = "Mumble"
  tagline       = "Talk with friends, with hardly any delay"
  description   = "A voice server for games and for rooms of friends: clear sound, little delay, rooms within rooms, and rights for each. There are apps for computers and phones."
  category      = "communication"
  version       = "1.6.870"
  website       = "https://www.mumble.info"
  source        = "https://github.com/mumble-voip/mumble"
  license       = "BSD-3-Clause"
  architectures = ["amd64", "arm64"]
  default_user  = "SuperUser"
  min_memory    = 128
  min_disk      = 64
  notes         = "Connect with Mumble to this machine's name at port 64738. Sign in as SuperUser with the password that was made for you only to give rights; talk under a name of your own. Without a password for the server everybody who knows the name may join."

  setting "server_password" {
    title = "Password for everybody who joins"
    help  = "Empty: none is asked."
    type  = "password"
  }
  setting "users" {
    title    = "How many may join"
    type     = "number"
    default  = 50
    min      = 1
    max      = 1000
    advanced = true
  }
  setting "welcome" {
    title    = "Welcome"
    help     = "Shown to those who join."
    type     = "string"
    advanced = true
  }
  secret "superuser_password" {
    title  = "Password of SuperUser"
    reveal = true
  }

  service "server" {
    image = "docker.io/mumblevoip/mumble-server:v1.6.870"
    env = {
      MUMBLE_SUPERUSER_PASSWORD    = secret.superuser_password
      MUMBLE_CONFIG_SERVERPASSWORD = setting.server_password
      MUMBLE_CONFIG_USERS          = setting.users
      MUMBLE_CONFIG_WELCOMETEXT    = setting.welcome != "" ? setting.welcome : null
      TZ                           = pool.timezone
    }
    port "voice" {
      port  = 64738
      title = "Mumble, over TCP"
    }
    port "voice-udp" {
      port     = 64738
      protocol = "udp"
      title    = "Mumble"
    }
    volume "data" {
      path  = "/data"
      owner = "10000:10000"
      kind  = "database"
    }
    resources {
      cpu    = 100
      memory = 48
    }
  }
}
