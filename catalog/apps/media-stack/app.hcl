app "media-stack" {
  title         = "Media stack"
  tagline       = "Ask for a film, and it plays: six programs as one"
  description   = "Jellyfin to watch, Seerr to ask, Sonarr and Radarr to look after series and films, Prowlarr to search and qBittorrent to fetch, all on one set of folders and with everything that goes out passing through your VPN provider."
  category      = "media"
  version       = "1"
  website       = "https://jellyfin.org"
  source        = "https://github.com/jellyfin/jellyfin"
  license       = "GPL-2.0-only AND GPL-2.0-or-later AND GPL-3.0-only AND MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 4096
  min_disk      = 20480
  notes         = "Open this app's address right away: the first visitor makes Jellyfin's administrator. The others answer at addresses of their own, which begin with requests- (Seerr), sonarr-, radarr-, prowlarr- and torrents-. Sign in to qBittorrent as admin with the password that was made for you. To each other they are localhost: qBittorrent localhost:8080, Sonarr localhost:8989, Radarr localhost:7878, Prowlarr localhost:9696, Jellyfin localhost:8096. All see the same folder as /data: let Sonarr file into /data/media/tv, Radarr into /data/media/movies, qBittorrent into /data/torrents, and add /data/media to Jellyfin. If nothing is fetched, the log of the service \"vpn\" says why."

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
    title  = "Password of qBittorrent's user admin"
    reveal = true
  }

  # One network for all services: the firewall that vpn sets up holds for
  # each of them, and stays up while one restarts.
  service "vpn" {
    image = "docker.io/qmcgaw/gluetun:v3.41.3"
    # Its health server; it listens once the firewall is closed.
    port         = 9999
    capabilities = ["NET_ADMIN"]
    devices      = ["/dev/net/tun"]
    env = {
      FIREWALL_INPUT_PORTS        = "5055,7878,8080,8096,8989,9696"
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

  service "torrents" {
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
        text = text.replace("/downloads/", "/data/torrents/")
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
    # One volume for downloads and library: what is done is linked into the
    # library, not copied, which works within one volume only.
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port      = 8080
      access    = "app"
      subdomain = "torrents"
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

  service "prowlarr" {
    image = "lscr.io/linuxserver/prowlarr:2.5.2"
    after = ["vpn"]
    env = {
      PGID = "1000"
      PUID = "1000"
      TZ   = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    # Open to everybody until its owner sets a password; hence private, as are the next two.
    expose "web" {
      port      = 9696
      access    = "private"
      subdomain = "prowlarr"
      health {
        path    = "/ping"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 768
    }
  }

  service "sonarr" {
    image = "lscr.io/linuxserver/sonarr:4.0.19"
    after = ["vpn"]
    env = {
      PGID = "1000"
      PUID = "1000"
      TZ   = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "data" {
      path = "/data"
      from = "torrents"
    }
    expose "web" {
      port      = 8989
      access    = "private"
      subdomain = "sonarr"
      health {
        path    = "/ping"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }

  service "radarr" {
    image = "lscr.io/linuxserver/radarr:6.3.0"
    after = ["vpn"]
    env = {
      PGID = "1000"
      PUID = "1000"
      TZ   = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "data" {
      path = "/data"
      from = "torrents"
    }
    expose "web" {
      port      = 7878
      access    = "private"
      subdomain = "radarr"
      health {
        path    = "/ping"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }

  service "requests" {
    image = "ghcr.io/seerr-team/seerr:v3.4.1"
    env = {
      LOG_LEVEL = "info"
      PORT      = "5055"
      TZ        = pool.timezone
    }
    volume "config" {
      path  = "/app/config"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port      = 5055
      access    = "app"
      subdomain = "requests"
      health {
        path    = "/api/v1/status"
        timeout = 10
      }
    }
    init         = true
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 320
      memory_max = 1024
    }
  }

  service "jellyfin" {
    image = "docker.io/jellyfin/jellyfin:10.11.11"
    user  = "1000:1000"
    env = {
      JELLYFIN_PublishedServerUrl = app.url
      TZ                          = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "cache" {
      path  = "/cache"
      owner = "1000:1000"
      kind  = "cache"
    }
    volume "data" {
      path      = "/data"
      from      = "torrents"
      read_only = true
    }
    expose "web" {
      port   = 8096
      access = "app"
      health {
        path    = "/health"
        timeout = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 2048
    }
  }
}
