app "wireguard" {
  title         = "WireGuard"
  tagline       = "A private way home from wherever you are"
  description   = "Add your phone and laptop in the browser, scan a code, and from then on they reach your cloud as if they were at home, through any foreign network. It runs wg-easy, with WireGuard underneath."
  category      = "network"
  version       = "15.4.0"
  website       = "https://wg-easy.github.io/wg-easy"
  source        = "https://github.com/wg-easy/wg-easy"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 64
  notes         = "Let UDP port 51830 through from the internet to this machine, at your router. Then sign in with the password that was made for you, add a client for each device, and scan its code with the WireGuard app. The machine's kernel must know WireGuard, as every Linux since 5.6 does."

  setting "public_host" {
    title   = "The name that devices connect to"
    help    = "A name or address under which this machine is reached from the internet. Empty: this app's own host name. Used once; later it is changed in the app."
    type    = "string"
    pattern = "[A-Za-z0-9.:-]*"
  }
  setting "dns" {
    title   = "Name servers for devices"
    help    = "One or more addresses, separated by commas. Used once; later they are changed in the app."
    type    = "string"
    default = "9.9.9.9,149.112.112.112"
    pattern = "[0-9a-fA-F.:,]+"
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "vpn" {
    image = "ghcr.io/wg-easy/wg-easy:15.4.0"
    # Kernels without the old iptables get the new one's commands; it is in the image.
    command = ["/bin/sh", "-c", "iptables -t nat -nL > /dev/null 2>&1 || for t in iptables iptables-save iptables-restore; do ln -sf /usr/sbin/xtables-nft-multi /usr/sbin/$t; done; exec /usr/bin/dumb-init node server/index.mjs"]
    env = {
      PORT = "51821"
      HOST = "0.0.0.0"
      # Without https it signs nobody in unless told that this is meant.
      INSECURE = replace(app.url, "https://", "") == app.url
      # Containers are not given IPv6 here, and it would stumble over that.
      DISABLE_IPV6  = "true"
      INIT_ENABLED  = "true"
      INIT_USERNAME = "admin"
      INIT_PASSWORD = secret.admin_password
      INIT_HOST     = setting.public_host != "" ? setting.public_host : app.host
      INIT_PORT     = "51830" # 51820 of the machine is the cloud's own
      INIT_DNS      = setting.dns
      TZ            = pool.timezone
    }
    capabilities = ["NET_ADMIN"]
    expose "web" {
      port   = 51821
      access = "app"
      health {}
    }
    port "wireguard" {
      port     = 51830
      protocol = "udp"
      title    = "Devices that connect from outside"
    }
    volume "config" {
      path  = "/etc/wireguard"
      owner = "0:0"
      mode  = "0700"
    }
    resources {
      cpu    = 200
      memory = 128
    }
  }
}
