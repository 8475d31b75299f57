app "deluge" {
  title         = "Deluge"
  tagline       = "A torrent client that grows by plugins"
  description   = "Downloads torrents on your server and is steered from the browser or from the Deluge program on your computer. Plugins add labels, schedules and watched folders."
  category      = "media"
  version       = "2.2.0"
  website       = "https://deluge-torrent.org"
  source        = "https://github.com/deluge-torrent/deluge"
  license       = "GPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 384
  min_disk      = 2048
  notes         = "Its first password is deluge; change it at once under Preferences, Interface. Downloads lie in the folder \"web/downloads\" that this app's status names. Under Preferences, Network, choose 6881 as the incoming port and forward it if your cloud stands behind a router."

  service "web" {
    image = "lscr.io/linuxserver/deluge:2.2.0"
    env = {
      DELUGE_LOGLEVEL = "error"
      PGID            = "1000"
      PUID            = "1000"
      TZ              = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "downloads" {
      path  = "/downloads"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # Its first password is known to everybody; hence private.
    expose "web" {
      port   = 8112
      access = "private"
      health {
        path    = "/"
        timeout = 10
      }
    }
    port "peers" {
      port  = 6881
      title = "Other people's torrent clients"
    }
    port "peers-udp" {
      port     = 6881
      protocol = "udp"
      title    = "Other people's torrent clients, over UDP"
    }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 1024
    }
  }
}
