app "copyparty" {
  title         = "copyparty"
  tagline       = "A file server that does everything, in one program"
  description   = "Send and fetch files with any browser, even huge ones over a shaky line that resumes where it broke; with search, a music player, thumbnails and WebDAV. Small enough for anything."
  category      = "files"
  version       = "1.20.21"
  website       = "https://github.com/9001/copyparty"
  source        = "https://github.com/9001/copyparty"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 1024
  notes         = "Sign in with the name that you chose and the password that was made for you. Files lie in the folder \"web/files\" that this app's status names. To show a file or a folder to others, select it and make a share."

  setting "admin_username" {
    title   = "Name to sign in with"
    help    = "The only account; a new name replaces it."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "admin_password" {
    title  = "Password to sign in with"
    reveal = true
  }

  service "web" {
    image = "ghcr.io/9001/copyparty-ac:1.20.21"
    user  = "1000:1000"
    env = {
      PYTHONUNBUFFERED = "1"
      TZ               = pool.timezone
    }
    # The image reads every .conf in /cfg. xff-src and rproxy say which door to
    # believe about who is asking.
    file "/cfg/cloud.conf" {
      content = <<-EOT
        [global]
          e2dsa
          e2ts
          hist: /cfg/hists
          no-robots
          rproxy: 1
          shr: /share
          xff-src: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16

        [accounts]
          ${setting.admin_username}: ${secret.admin_password}

        [/]
          /w
          accs:
            rwmda: ${setting.admin_username}
      EOT
    }
    volume "index" {
      path  = "/cfg/hists"
      owner = "1000:1000"
      kind  = "cache"
    }
    volume "files" {
      path  = "/w"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 3923
      access = "app"
    }
    health { command = ["wget", "--spider", "-q", "127.0.0.1:3923/?reset=/._"] }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 128
      memory_max = 768
    }
  }
}
