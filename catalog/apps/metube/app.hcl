app "metube" {
  title         = "MeTube"
  tagline       = "Keep videos from the web"
  description   = "Paste the address of a video, a list or a channel, and it is saved on your server, as a film or as sound. It uses yt-dlp, which knows more than a thousand sites."
  category      = "media"
  version       = "2026.08.20"
  website       = "https://github.com/alexta69/metube"
  source        = "https://github.com/alexta69/metube"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 4096
  notes         = "Paste an address and press Add. What is done lies in the folder \"web/downloads\" that this app's status names. Sites change often: update this app when one stops working."

  service "web" {
    image = "ghcr.io/alexta69/metube:2026.08.20"
    env = {
      DOWNLOAD_DIR = "/downloads"
      PGID         = "1000"
      PORT         = "8081"
      PUID         = "1000"
      STATE_DIR    = "/downloads/.metube"
      TEMP_DIR     = "/downloads/.metube"
      TZ           = pool.timezone
    }
    volume "downloads" {
      path  = "/downloads"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # It knows no accounts.
    expose "web" {
      port   = 8081
      access = "private"
      health { path = "/version" }
    }
    init         = true
    stop_timeout = 20
    resources {
      cpu        = 300
      memory     = 192
      memory_max = 1024
    }
  }
}
