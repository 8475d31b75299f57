app "adguard-home" {
  title         = "AdGuard Home"
  tagline       = "No advertisements and trackers, for every device at home"
  description   = "A name server for the whole home that does not know the addresses of advertisers, trackers and traps. It shows who asks for what, and lets you set rules for each device."
  category      = "network"
  version       = "0.107.79"
  website       = "https://adguard.com/adguard-home/overview.html"
  source        = "https://github.com/AdguardTeam/AdGuardHome"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Enter this machine's address as the name server in your router, so that every device asks it. Port 53 must be free on the machine: if its own resolver holds it, switch that resolver's listener off first. Keep port 53 closed to the internet, where strangers would use it against others; on a rented server that is its firewall's matter. The app has no sign-in of its own; your cloud's door keeps others out."

  setting "upstream" {
    title   = "Whom it asks itself"
    help    = "Used once; later it is changed in the app."
    type    = "choice"
    choices = ["https://dns.quad9.net/dns-query", "https://dns.mullvad.net/dns-query", "https://cloudflare-dns.com/dns-query", "https://dns.google/dns-query"]
    default = "https://dns.quad9.net/dns-query"
  }

  service "dns" {
    image      = "docker.io/adguard/adguardhome:v0.107.79"
    entrypoint = ["/bin/sh", "-c"]
    # With a configuration it does not ask for one at a port of its own.
    command = ["[ -s /opt/adguardhome/conf/AdGuardHome.yaml ] || cp /opt/first.yaml /opt/adguardhome/conf/AdGuardHome.yaml; exec /opt/adguardhome/AdGuardHome --no-check-update -c /opt/adguardhome/conf/AdGuardHome.yaml -w /opt/adguardhome/work"]
    env = {
      TZ = pool.timezone
    }
    file "/opt/first.yaml" {
      content = <<-EOT
        http:
          address: 0.0.0.0:3000
        users: []
        dns:
          bind_hosts:
            - 0.0.0.0
          port: 53
          upstream_dns:
            - ${setting.upstream}
          bootstrap_dns:
            - 9.9.9.9
            - 1.1.1.1
          trusted_proxies:
            - 127.0.0.0/8
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16
        filters:
          - enabled: true
            url: https://adguardteam.github.io/HostlistsRegistry/assets/filter_1.txt
            name: AdGuard DNS filter
            id: 1
        schema_version: 28
      EOT
    }
    port "dns" {
      port  = 53
      title = "Name requests, over TCP"
    }
    port "dns-udp" {
      port     = 53
      protocol = "udp"
      title    = "Name requests"
    }
    volume "work" {
      path  = "/opt/adguardhome/work"
      owner = "0:0"
      mode  = "0700"
    }
    volume "conf" {
      path  = "/opt/adguardhome/conf"
      owner = "0:0"
      mode  = "0700"
    }
    expose "web" {
      port   = 3000
      access = "private"
      health {}
    }
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
