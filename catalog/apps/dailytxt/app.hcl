app "dailytxt" {
  title         = "DailyTxT"
  tagline       = "A diary that only you can read"
  description   = "Write down each day with pictures and tags; everything is encrypted with your password before it reaches the disk, so not even the one who runs the server can read it."
  category      = "notes"
  version       = "2.6.3"
  website       = "https://github.com/PhiTux/DailyTxT"
  source        = "https://github.com/PhiTux/DailyTxT"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 256
  notes         = "Make your account on the first page and turn registration off when everybody has one (dcloud app config dailytxt --set registration=false). Only your home network passes its front door until you open it to others. Nobody can bring your diary back if you forget your password. The administrator's page asks for the password that was made for you."

  setting "registration" {
    title   = "Let anybody make an account"
    help    = "Needed until everybody has one."
    type    = "bool"
    default = true
  }
  secret "admin_password" {
    title  = "Password of the administrator's page"
    reveal = true
  }
  secret "secret_key" {
    bytes   = 32
    charset = "base64"
  }

  service "web" {
    image = "docker.io/phitux/dailytxt:2.6.3"
    env = {
      ADMIN_PASSWORD     = secret.admin_password
      ALLOW_REGISTRATION = setting.registration
      SECRET_KEY         = secret.secret_key
      TZ                 = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "0:0"
      kind  = "data"
    }
    # Anybody may make an account while registration is on; hence private.
    expose "web" {
      port   = 80
      access = "private"
      health { path = "/" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 64
      memory_max = 256
    }
  }
}
