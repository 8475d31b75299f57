app "headscale" {
  title         = "Headscale"
  tagline       = "Your own switchboard for Tailscale's apps"
  description   = "All your devices in one private network, wherever they are, with the apps of Tailscale and without its company: this is the part that introduces them to each other."
  category      = "network"
  version       = "0.28.0"
  website       = "https://headscale.net"
  source        = "https://github.com/juanfont/headscale"
  license       = "BSD-3-Clause"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 128
  notes         = "It works only where your cloud is reached by https. It has no page; you talk to it by commands. Make yourself known with dcloud app exec headscale -- headscale users create me, and a key for your devices with dcloud app exec headscale -- headscale preauthkeys create --user 1 --reusable --expiration 24h. Then run on each device: tailscale up --login-server, followed by this app's address, and --authkey with that key."

  setting "base_domain" {
    title   = "Name of the network"
    help    = "Your devices get names that end with it. It must not be part of your cloud's own domain, nor the other way round."
    type    = "string"
    default = "tailnet.internal"
    pattern = "([a-z0-9-]+\\.)+[a-z0-9-]+"
  }
  setting "relays" {
    title    = "Use Tailscale's relays where devices cannot reach each other directly"
    help     = "What passes through them is encrypted."
    type     = "bool"
    default  = true
    advanced = true
  }

  service "server" {
    image   = "docker.io/headscale/headscale:0.28.0"
    command = ["serve"]
    env = {
      TZ = pool.timezone
    }
    file "/etc/headscale/config.yaml" {
      content = <<-EOT
        server_url: ${app.url}
        listen_addr: 0.0.0.0:8080
        metrics_listen_addr: 127.0.0.1:9090
        grpc_listen_addr: 127.0.0.1:50443
        grpc_allow_insecure: false
        noise:
          private_key_path: /var/lib/headscale/noise_private.key
        prefixes:
          v4: 100.64.0.0/10
          v6: fd7a:115c:a1e0::/48
          allocation: sequential
        derp:
          server:
            enabled: ${!setting.relays}
            region_id: 999
            region_code: home
            region_name: Home
            stun_listen_addr: 127.0.0.1:3478
            private_key_path: /var/lib/headscale/derp_server_private.key
            automatically_add_embedded_derp_region: true
          urls: ${setting.relays ? "[https://controlplane.tailscale.com/derpmap/default]" : "[]"}
          paths: []
          auto_update_enabled: true
          update_frequency: 24h
        disable_check_updates: true
        ephemeral_node_inactivity_timeout: 30m
        database:
          type: sqlite
          sqlite:
            path: /var/lib/headscale/db.sqlite
            write_ahead_log: true
        log:
          level: info
          format: text
        policy:
          mode: database
        dns:
          magic_dns: true
          base_domain: ${setting.base_domain}
          override_local_dns: false
          nameservers:
            global: []
        unix_socket: /var/run/headscale/headscale.sock
        unix_socket_permission: "0770"
        logtail:
          enabled: false
      EOT
    }
    volume "data" {
      path  = "/var/lib/headscale"
      owner = "0:0"
      mode  = "0700"
      kind  = "database"
    }
    tmpfs = ["/var/run/headscale"]
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/health" }
    }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
