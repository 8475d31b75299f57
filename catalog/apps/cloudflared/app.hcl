app "cloudflared" {
  title         = "Cloudflare Tunnel"
  tagline       = "Be reached from the internet without opening your router"
  description   = "Where your provider gives you no address of your own, it calls out to Cloudflare and lets visitors in through that line. Cloudflare then sees what passes through."
  category      = "network"
  version       = "2026.7.3"
  website       = "https://developers.cloudflare.com/cloudflare-one/connections/connect-networks"
  source        = "https://github.com/cloudflare/cloudflared"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 64
  notes         = "Make a tunnel in Cloudflare's dashboard and give its token here. There, send your domain's host names to this machine's address in the home network, at port 80 or 443; localhost would be the tunnel itself."

  setting "token" {
    title    = "The tunnel's token"
    help     = "The long text after --token that Cloudflare's dashboard shows."
    type     = "password"
    required = true
  }

  service "tunnel" {
    image   = "docker.io/cloudflare/cloudflared:2026.7.3"
    command = ["tunnel", "--no-autoupdate", "run"]
    env = {
      TUNNEL_TOKEN   = setting.token
      TUNNEL_METRICS = "127.0.0.1:20241"
    }
    health {
      command  = ["cloudflared", "tunnel", "--metrics", "127.0.0.1:20241", "ready"]
      interval = 30
    }
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 64
    }
  }
}
