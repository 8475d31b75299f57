app "stalwart" {
  title         = "Stalwart"
  tagline       = "Mail, calendars and contacts from one server"
  description   = "A mail server for several people and domains, with calendars, contacts and files beside it, for those who want more than one mailbox and every knob. Phones and computers use it with the programs that they have."
  category      = "communication"
  version       = "0.16.18"
  website       = "https://stalw.art"
  source        = "https://github.com/stalwartlabs/stalwart"
  license       = "AGPL-3.0-only OR LicenseRef-SEL"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 4096
  notes         = "Sign in as admin with the password that was made for you, and go through its setup: that name and password stay a way in for when all others are lost. The setup asks for your domain and shows the DNS records to enter where your domain is kept. Ask whoever gives you the internet connection to let port 25 through."

  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "mail" {
    image = "docker.io/stalwartlabs/stalwart:v0.16.18"
    env = {
      # A key to the setup, and later the way back in when the others are lost.
      STALWART_RECOVERY_ADMIN = "admin:${secret.admin_password}"
      STALWART_PUBLIC_URL     = app.url
      TZ                      = pool.timezone
    }
    volume "config" {
      path  = "/etc/stalwart"
      owner = "2000:2000"
    }
    volume "data" {
      path  = "/var/lib/stalwart"
      owner = "2000:2000"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/healthz/live" }
    }
    port "smtp" {
      port  = 25
      title = "Mail from other servers"
    }
    port "submissions" {
      port  = 465
      title = "Mail programs that send"
    }
    port "submission" {
      port  = 587
      title = "Mail programs that send, the older way"
    }
    port "imap" {
      port  = 143
      title = "Mail programs that read, the older way"
    }
    port "imaps" {
      port  = 993
      title = "Mail programs that read"
    }
    port "sieve" {
      port  = 4190
      title = "Mail programs that set filters"
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }
}
