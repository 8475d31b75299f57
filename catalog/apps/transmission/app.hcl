app "transmission" {
  title         = "Transmission"
  tagline       = "A small, quiet torrent client"
  description   = "Fetches and shares torrents with little memory and no frills, steered from the browser or an app. It uses your own connection; where you want a VPN in between, take qBittorrent from this catalog."
  category      = "media"
  version       = "4.1.3"
  website       = "https://transmissionbt.com"
  source        = "https://github.com/transmission/transmission"
  license       = "GPL-2.0-only OR GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 2048
  notes         = "Sign in with the name that you chose and the password that was made for you. Downloads lie in the folder \"web/downloads\" that this app's status names. Forward port 51413 if your cloud stands behind a router."

  setting "username" {
    title   = "Name to sign in with"
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "password" {
    title  = "Password to sign in with"
    reveal = true
  }

  service "web" {
    image = "lscr.io/linuxserver/transmission:4.1.3"
    env = {
      HOST_WHITELIST = app.host
      PASS           = secret.password
      PEERPORT       = "51413"
      PGID           = "1000"
      PUID           = "1000"
      TZ             = pool.timezone
      USER           = setting.username
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "downloads" {
      path  = "/downloads"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 9091
      access = "app"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:9091/"] }
    port "peers" {
      port  = 51413
      title = "Other people's torrent clients"
    }
    port "peers-udp" {
      port     = 51413
      protocol = "udp"
      title    = "Other people's torrent clients, over UDP"
    }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 128
      memory_max = 768
    }
  }
}
