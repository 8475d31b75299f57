app "beszel" {
  title         = "Beszel"
  tagline       = "The health of all your machines on one page"
  description   = "Processor, memory, disks, temperatures and containers of each machine with their history, and a message when something runs full. A small agent on each machine reports to it."
  category      = "monitoring"
  version       = "0.18.7"
  website       = "https://beszel.dev"
  source        = "https://github.com/henrygd/beszel"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 128
  min_disk      = 256
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you. Then add a machine: the page shows how to start the agent there."

  setting "admin_email" {
    title    = "E-mail address to sign in with"
    type     = "email"
    required = true
  }
  secret "admin_password" {
    title  = "Password to sign in with"
    reveal = true
  }

  service "web" {
    image = "docker.io/henrygd/beszel:0.18.7"
    env = {
      APP_URL       = app.url
      USER_EMAIL    = setting.admin_email
      USER_PASSWORD = secret.admin_password
    }
    volume "data" {
      path = "/beszel_data"
      kind = "database"
    }
    expose "web" {
      port   = 8090
      access = "app"
      health { path = "/api/health" }
    }
    resources {
      cpu        = 50
      memory     = 48
      memory_max = 256
    }
  }
}
