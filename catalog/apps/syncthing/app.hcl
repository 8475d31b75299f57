app "syncthing" {
  title         = "Syncthing"
  tagline       = "Folders that are the same on all your devices"
  description   = "Keeps folders on your phones, laptops and servers in step, directly between them and encrypted, with no company in the middle. On your cloud it is the device that is always on."
  category      = "files"
  version       = "2.1.3"
  website       = "https://syncthing.net"
  source        = "https://github.com/syncthing/syncthing"
  license       = "MPL-2.0"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 1024
  notes         = "Sign in with the name that you chose and the password that was made for you. To pair a device, show this one's ID under Actions and add it there. Keep new folders below /var/syncthing, which is what your cloud stores. Devices elsewhere reach it on port 22000; forward that port if your cloud stands behind a router."

  setting "gui_username" {
    title   = "Name to sign in with"
    help    = "Used once, at the first start."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "gui_password" {
    title  = "Password to sign in with"
    reveal = true
  }

  service "web" {
    image = "docker.io/syncthing/syncthing:2.1.3"
    # Without a password Syncthing's page is open to whoever finds it, so the
    # first start makes one; it is read from a pipe to stay out of arguments.
    entrypoint = ["/bin/sh", "-ec"]
    command = [<<-EOT
      home=/var/syncthing/config
      if [ ! -f "$home/config.xml" ]; then
        printf '%s\n' "$GUI_PASSWORD" |
          syncthing generate --home="$home" --gui-user="$GUI_USERNAME" --gui-password=-
      fi
      unset GUI_PASSWORD
      exec syncthing serve --home="$home" --no-browser --no-restart
    EOT
    ]
    user = "1000:1000"
    env = {
      GUI_USERNAME    = setting.gui_username
      GUI_PASSWORD    = secret.gui_password
      HOME            = "/var/syncthing"
      STGUIADDRESS    = "0.0.0.0:8384"
      STNOPORTPROBING = "1"
      # An image is replaced, not updated from within.
      STNOUPGRADE = "1"
      TZ          = pool.timezone
    }
    volume "data" {
      path  = "/var/syncthing"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 8384
      access = "app"
      # Well when it accepts a connection: versions before 1.20 have no path
      # that answers without signing in, and Debian's is one.
      health {}
    }
    port "sync" {
      port     = 22000
      protocol = "tcp"
      title    = "Syncing with your other devices"
    }
    port "quic" {
      port     = 22000
      protocol = "udp"
      title    = "Syncing with your other devices, over QUIC"
    }
    init         = true
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 128
    }
  }
}
