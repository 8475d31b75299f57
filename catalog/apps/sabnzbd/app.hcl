app "sabnzbd" {
  title         = "SABnzbd"
  tagline       = "Downloads from Usenet, unpacked and ready"
  description   = "Give it a file that lists the parts of a posting; it fetches them from your Usenet provider, checks, repairs and unpacks them. Runs well together with Sonarr and Radarr."
  category      = "media"
  version       = "5.1.1"
  website       = "https://sabnzbd.org"
  source        = "https://github.com/sabnzbd/sabnzbd"
  license       = "GPL-2.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 4096
  notes         = "The first visit asks for your Usenet provider. Finished downloads lie in the folder \"web/downloads\" that this app's status names; choose /downloads for them under Folders. Set a name and a password under General if you want another lock behind your cloud's."

  service "web" {
    image = "lscr.io/linuxserver/sabnzbd:5.1.1"
    env = {
      APP_HOST = app.host
      PGID     = "1000"
      PUID     = "1000"
      TZ       = pool.timezone
    }
    # SABnzbd refuses names that it does not know; this tells it its own.
    file "/custom-cont-init.d/10-host" {
      mode    = "0755"
      content = <<-EOT
        #!/bin/bash
        ini=/config/sabnzbd.ini
        [ -f "$ini" ] || cp /defaults/sabnzbd.ini "$ini" 2>/dev/null || printf '[misc]\nhost = 0.0.0.0\nport = 8080\n' > "$ini"
        if grep -q '^host_whitelist' "$ini"; then
          grep -q "^host_whitelist.*$APP_HOST" "$ini" || sed -i "s/^host_whitelist *= */&$APP_HOST, /" "$ini"
        else
          sed -i "s/^\[misc\].*/&\nhost_whitelist = $APP_HOST,/" "$ini"
        fi
        chown 1000:1000 "$ini"
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
    volume "incomplete" {
      path  = "/incomplete-downloads"
      owner = "1000:1000"
      kind  = "cache"
    }
    expose "web" {
      port   = 8080
      access = "private"
    }
    # Well when it answers at all: every page wants the password, or sends elsewhere.
    health { command = ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:8080/"] }
    stop_timeout = 60
    resources {
      cpu        = 300
      memory     = 256
      memory_max = 1024
    }
  }
}
