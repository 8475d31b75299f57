app "frigate" {
  title         = "Frigate"
  tagline       = "Watches your cameras, and only calls for what matters"
  description   = "Records security cameras and recognises people, cars and animals in the picture, all on your machine. Works hand in hand with Home Assistant."
  category      = "home"
  version       = "0.17.2"
  website       = "https://frigate.video"
  source        = "https://github.com/blakeblackshear/frigate"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 3072
  min_disk      = 20480
  notes         = "Add your cameras in its configuration editor, by their RTSP addresses; write {FRIGATE_RTSP_PASSWORD} there where their password belongs. Recognition runs on the processor, enough for one or two cameras; let a graphics chip or a Coral in by an override for more."

  setting "rtsp_password" {
    title = "Cameras' password"
    type  = "password"
  }

  service "web" {
    image = "ghcr.io/blakeblackshear/frigate:0.17.2"
    env = {
      FRIGATE_RTSP_PASSWORD = setting.rtsp_password
      TZ                    = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "0:0"
      kind  = "database"
    }
    volume "media" {
      path  = "/media/frigate"
      owner = "0:0"
      mode  = "0755"
      kind  = "media"
    }
    tmpfs = ["/tmp/cache"]
    # Port 5000 asks nobody who they are; hence private. The one that does
    # speaks https with a certificate of its own, which the front door refuses.
    expose "web" {
      port   = 5000
      access = "private"
      health {
        path     = "/api/version"
        interval = 30
        timeout  = 10
      }
    }
    port "webrtc" {
      port  = 8555
      title = "Live pictures (WebRTC)"
    }
    port "webrtc-udp" {
      port     = 8555
      protocol = "udp"
      title    = "Live pictures (WebRTC), over UDP"
    }
    shm_size     = 512
    stop_timeout = 30
    resources {
      cpu        = 1000
      memory     = 1024
      memory_max = 4096
    }
  }
}
