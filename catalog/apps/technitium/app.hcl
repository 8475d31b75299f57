app "technitium" {
  title         = "Technitium DNS Server"
  tagline       = "A name server that can do everything, from a browser"
  description   = "Answer for your own domains, ask the world on behalf of your home with encryption, block what you do not want, and see who asks for what."
  category      = "network"
  version       = "15.4.0"
  website       = "https://technitium.com/dns"
  source        = "https://github.com/TechnitiumSoftware/DnsServer"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 384
  min_disk      = 512
  notes         = "Sign in as admin with the password that was made for you. Enter this machine's address as the name server in your router. Port 53 must be free on the machine: if its own resolver holds it, switch that resolver's listener off first."

  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "dns" {
    image = "docker.io/technitium/dns-server:15.4.0"
    env = {
      DNS_SERVER_DOMAIN                = app.host
      DNS_SERVER_ADMIN_PASSWORD        = secret.admin_password
      DNS_SERVER_WEB_SERVICE_HTTP_PORT = "5380"
      DNS_SERVER_RECURSION             = "AllowOnlyForPrivateNetworks"
      DNS_SERVER_LOG_USING_LOCAL_TIME  = "true"
      TZ                               = pool.timezone
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
      path  = "/etc/dns"
      owner = "0:0"
    }
    expose "web" {
      port   = 5380
      access = "app"
      health {}
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 512
    }
  }
}
