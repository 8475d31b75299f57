app "rustdesk-server" {
  title         = "RustDesk server"
  tagline       = "Help somebody at their computer, through your own server"
  description   = "See and steer another computer from yours, with RustDesk's apps. Your own server introduces the two to each other and passes on the picture where they cannot reach each other."
  category      = "network"
  version       = "1.1.16"
  website       = "https://rustdesk.com"
  source        = "https://github.com/rustdesk/rustdesk-server"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 128
  min_disk      = 64
  notes         = "Let the ports 21115 to 21117, TCP, and 21116, UDP, through from the internet to this machine. In RustDesk's network settings enter this machine's name as the ID server, and the key that the log of hbbs shows after its start (Key: …)."

  setting "relay_host" {
    title   = "The name under which others reach this machine"
    help    = "Empty: your cloud's domain."
    type    = "string"
    pattern = "[A-Za-z0-9.-]*"
  }

  service "hbbs" {
    image   = "docker.io/rustdesk/rustdesk-server:1.1.16"
    after   = ["hbbr"]
    command = ["hbbs", "-r", "${setting.relay_host != "" ? setting.relay_host : pool.domain}:21117", "-k", "_"]
    port "nat" {
      port  = 21115
      title = "RustDesk: what kind of network somebody is in"
    }
    port "id" {
      port  = 21116
      title = "RustDesk: who is where, over TCP"
    }
    port "id-udp" {
      port     = 21116
      protocol = "udp"
      title    = "RustDesk: who is where"
    }
    volume "data" {
      path = "/root"
      from = "hbbr"
    }
    resources {
      cpu    = 50
      memory = 32
    }
  }

  # Makes the pair of keys that both use.
  service "hbbr" {
    image   = "docker.io/rustdesk/rustdesk-server:1.1.16"
    command = ["hbbr", "-k", "_"]
    port "relay" {
      port  = 21117
      title = "RustDesk: pictures that are passed on"
    }
    volume "data" {
      path  = "/root"
      owner = "0:0"
      mode  = "0700"
    }
    resources {
      cpu    = 100
      memory = 32
    }
  }
}
