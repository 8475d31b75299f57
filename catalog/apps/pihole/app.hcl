app "pihole" {
  title         = "Pi-hole"
  tagline       = "A black hole for advertisements, for the whole home"
  description   = "A name server that answers with nothing when a device asks for an advertiser or a tracker. One setting in your router, and every phone, television and computer at home is quieter."
  category      = "network"
  version       = "2026.07.2"
  website       = "https://pi-hole.net"
  source        = "https://github.com/pi-hole/docker-pi-hole"
  license       = "EUPL-1.2"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Sign in at /admin with the password that was made for you. Enter this machine's address as the name server in your router, so that every device asks it. Port 53 must be free on the machine: if its own resolver holds it, switch that resolver's listener off first. Keep port 53 closed to the internet, where strangers would use it against others; on a rented server that is its firewall's matter."

  setting "upstreams" {
    title   = "Name servers that it asks itself"
    help    = "Addresses, separated by semicolons."
    type    = "string"
    default = "9.9.9.9;149.112.112.112"
    pattern = "[0-9a-fA-F.:#;]+"
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "dns" {
    image = "docker.io/pihole/pihole:2026.07.2"
    env = {
      FTLCONF_webserver_api_password = secret.admin_password
      FTLCONF_webserver_port         = "8080"
      # At this name / leads to /admin.
      FTLCONF_webserver_domain = app.host
      # Requests come through the container's network, never from its own.
      FTLCONF_dns_listeningMode = "ALL"
      FTLCONF_dns_upstreams     = setting.upstreams
      FTLCONF_ntp_ipv4_active   = "false"
      FTLCONF_ntp_ipv6_active   = "false"
      FTLCONF_ntp_sync_active   = "false"
      TZ                        = pool.timezone
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
    volume "config" {
      path  = "/etc/pihole"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/admin/login" }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
