app "home-assistant" {
  title         = "Home Assistant"
  tagline       = "Your home, run by you"
  description   = "Brings lamps, heating, shutters, sensors and hundreds of makers' devices under one roof, on your own machine, with automations, a page for each room and apps for phones."
  category      = "home"
  version       = "2026.8.3"
  website       = "https://www.home-assistant.io"
  source        = "https://github.com/home-assistant/core"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 4096
  notes         = "The first visitor makes the owner's account; give this app's address under Settings, System, Network. Only your home network passes its front door until you open it to others. It stands on a network of its own and does not find devices by their announcements; add those by their addresses. A stick for Zigbee or Z-Wave is let in by an override, or reached over the network with Zigbee2MQTT from this catalog."

  service "web" {
    image      = "ghcr.io/home-assistant/home-assistant:2026.8.3"
    entrypoint = ["/bin/bash", "-ec"]
    # Home Assistant refuses visitors who come through a door that it was not
    # told to trust, and takes that from its file only. An existing file stays. What
    # is under Settings, General is not in it: one line of that, such as its address,
    # and none of it could be changed on the page any more.
    command = [<<-EOT
      if [ ! -e /config/configuration.yaml ]; then
        cp /etc/cloud-configuration.yaml /config/configuration.yaml
        touch /config/automations.yaml /config/scripts.yaml /config/scenes.yaml
      fi
      exec /init
    EOT
    ]
    env = { TZ = pool.timezone }
    file "/etc/cloud-configuration.yaml" {
      content = <<-EOT
        default_config:

        http:
          use_x_forwarded_for: true
          trusted_proxies:
            - 10.0.0.0/8
            - 172.16.0.0/12
            - 192.168.0.0/16

        automation: !include automations.yaml
        script: !include scripts.yaml
        scene: !include scenes.yaml
      EOT
    }
    volume "config" {
      path  = "/config"
      owner = "0:0"
      kind  = "database"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 8123
      access = "private"
      health {
        path     = "/manifest.json"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 300
      memory     = 448
      memory_max = 1536
    }
  }
}
