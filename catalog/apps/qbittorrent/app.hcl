app "qbittorrent" {
  title         = "qBittorrent"
  tagline       = "Downloads torrents, through a VPN only"
  description   = "Fetches and shares torrents on your server, steered from the browser. All of it goes through your VPN provider; when the tunnel breaks, nothing leaves until it stands again."
  category      = "media"
  version       = "5.2.3"
  website       = "https://www.qbittorrent.org"
  source        = "https://github.com/qbittorrent/qBittorrent"
  license       = "GPL-2.0-or-later"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 4096
  notes         = "Sign in as admin with the password that was made for you. If the page never comes up, the tunnel does not stand: the log of the service \"vpn\" says why, most often a key that is missing or wrong (dcloud app logs qbittorrent). Downloads lie in the folder \"web/downloads\" that this app's status names. Check once, with a torrent made for this purpose, that others see your provider's address and not yours."

  setting "vpn_provider" {
    title    = "VPN provider"
    help     = "Who you have a VPN account with; custom for any other WireGuard server."
    type     = "choice"
    required = true
    choices = [
      "airvpn", "custom", "cyberghost", "expressvpn", "fastestvpn", "giganews", "hidemyass", "ipvanish", "ivpn", "mullvad",
      "nordvpn", "perfect privacy", "privado", "private internet access", "privatevpn", "protonvpn", "purevpn", "slickvpn",
      "surfshark", "torguard", "vpn unlimited", "vyprvpn", "windscribe",
    ]
  }
  setting "vpn_type" {
    title    = "Kind of tunnel"
    help     = "WireGuard wants a private key and addresses, OpenVPN a name and a password; your provider shows them in your account. WireGuard works with airvpn, custom, fastestvpn, ivpn, mullvad, nordvpn, protonvpn, surfshark and windscribe."
    type     = "choice"
    required = true
    choices  = ["wireguard", "openvpn"]
  }
  setting "wireguard_private_key" {
    title = "WireGuard: private key"
    type  = "password"
  }
  setting "wireguard_addresses" {
    title   = "WireGuard: addresses"
    help    = "The line Address of your provider's configuration, for example 10.64.222.21/32."
    type    = "string"
    pattern = "[0-9a-fA-F.:/, ]*"
  }
  setting "openvpn_user" {
    title = "OpenVPN: name"
    type  = "string"
  }
  setting "openvpn_password" {
    title = "OpenVPN: password"
    type  = "password"
  }
  setting "server_countries" {
    title   = "Countries"
    help    = "Where the tunnel may end, with commas between; empty for anywhere. For example Netherlands,Switzerland."
    type    = "string"
    pattern = "[A-Za-z ,]*"
  }
  setting "wireguard_preshared_key" {
    title    = "WireGuard: preshared key"
    type     = "password"
    advanced = true
  }
  setting "wireguard_public_key" {
    title    = "WireGuard: the server's public key"
    help     = "For the provider custom only."
    type     = "string"
    pattern  = "[A-Za-z0-9+/=]*"
    advanced = true
  }
  setting "wireguard_endpoint" {
    title    = "WireGuard: the server's IP address"
    help     = "For the provider custom only."
    type     = "string"
    pattern  = "[0-9a-fA-F.:]*"
    advanced = true
  }
  setting "wireguard_endpoint_port" {
    title    = "WireGuard: the server's port"
    help     = "For the provider custom only."
    type     = "number"
    default  = 51820
    min      = 1
    max      = 65535
    advanced = true
  }
  setting "forwarded_port" {
    title    = "Port that your provider forwards to you"
    help     = "Give qBittorrent the same one under Connection; 0 for none."
    type     = "number"
    default  = 0
    min      = 0
    max      = 65535
    advanced = true
  }
  secret "web_password" {
    title  = "Password of the user admin"
    reveal = true
  }

  # One network for both services: the firewall that vpn sets up holds for
  # qBittorrent too, and stays up while either of them restarts.
  service "vpn" {
    image = "docker.io/qmcgaw/gluetun:v3.41.3"
    # Its health server; it listens once the firewall is closed.
    port         = 9999
    capabilities = ["NET_ADMIN"]
    devices      = ["/dev/net/tun"]
    env = {
      FIREWALL_INPUT_PORTS        = "8080"
      FIREWALL_VPN_INPUT_PORTS    = setting.forwarded_port != 0 ? setting.forwarded_port : null
      HEALTH_SERVER_ADDRESS       = "127.0.0.1:9999"
      HTTP_CONTROL_SERVER_ADDRESS = "127.0.0.1:8000"
      OPENVPN_PASSWORD            = setting.vpn_type == "openvpn" ? setting.openvpn_password : null
      OPENVPN_USER                = setting.vpn_type == "openvpn" && setting.openvpn_user != "" ? setting.openvpn_user : null
      SERVER_COUNTRIES            = setting.server_countries != "" ? setting.server_countries : null
      TZ                          = pool.timezone
      VERSION_INFORMATION         = "off"
      VPN_SERVICE_PROVIDER        = setting.vpn_provider
      VPN_TYPE                    = setting.vpn_type
      WIREGUARD_ADDRESSES         = setting.vpn_type == "wireguard" && setting.wireguard_addresses != "" ? setting.wireguard_addresses : null
      WIREGUARD_ENDPOINT_IP       = setting.wireguard_endpoint != "" ? setting.wireguard_endpoint : null
      WIREGUARD_ENDPOINT_PORT     = setting.wireguard_endpoint != "" ? setting.wireguard_endpoint_port : null
      WIREGUARD_PRESHARED_KEY     = setting.vpn_type == "wireguard" ? setting.wireguard_preshared_key : null
      WIREGUARD_PRIVATE_KEY       = setting.vpn_type == "wireguard" ? setting.wireguard_private_key : null
      WIREGUARD_PUBLIC_KEY        = setting.wireguard_public_key != "" ? setting.wireguard_public_key : null
    }
    volume "servers" {
      path = "/gluetun"
      kind = "cache"
    }
    health {
      command  = ["/gluetun-entrypoint", "healthcheck"]
      interval = 30
      timeout  = 10
    }
    resources {
      cpu        = 200
      memory     = 96
      memory_max = 256
    }
  }

  service "web" {
    image = "lscr.io/linuxserver/qbittorrent:5.2.3"
    after = ["vpn"]
    env = {
      PGID            = "1000"
      PUID            = "1000"
      TORRENTING_PORT = setting.forwarded_port != 0 ? setting.forwarded_port : 6881
      TZ              = pool.timezone
      WEBUI_PORT      = "8080"
      WEB_PASSWORD    = secret.web_password
    }
    # qBittorrent makes up a new password at each start until it has one of its
    # own; this gives it ours, once, in the form that it stores (PBKDF2). It also
    # tells it which door to believe, so that a wrong password shuts out the
    # visitor and not everybody.
    file "/custom-cont-init.d/10-password" {
      mode    = "0755"
      content = <<-EOT
        #!/bin/bash
        python3 - <<'PY'
        import base64, hashlib, os
        path = "/config/qBittorrent/qBittorrent.conf"
        text = open(path).read() if os.path.exists(path) else ""
        if "WebUI\\Password_PBKDF2" not in text:
            salt = os.urandom(16)
            key = hashlib.pbkdf2_hmac("sha512", os.environ["WEB_PASSWORD"].encode(), salt, 100000)
            word = (base64.b64encode(salt) + b":" + base64.b64encode(key)).decode()
            lines = ["WebUI\\Username=admin", 'WebUI\\Password_PBKDF2="@ByteArray(' + word + ')"',
                     "WebUI\\ReverseProxySupportEnabled=true",
                     'WebUI\\TrustedReverseProxiesList="10.0.0.0/8;172.16.0.0/12;192.168.0.0/16"']
            if "[Preferences]\n" not in text:
                text += "\n[Preferences]\n"
            text = text.replace("[Preferences]\n", "[Preferences]\n" + "\n".join(lines) + "\n", 1)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as out:
                out.write(text)
            os.chown(os.path.dirname(path), 1000, 1000)
            os.chown(path, 1000, 1000)
        PY
      EOT
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "downloads" {
      path  = "/downloads"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health {
        path    = "/"
        timeout = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 300
      memory     = 256
      memory_max = 1536
    }
  }
}
