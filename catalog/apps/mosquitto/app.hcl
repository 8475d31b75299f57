app "mosquitto" {
  title         = "Mosquitto"
  tagline       = "The post office for your smart home"
  description   = "A small MQTT broker: sensors and switches hand it messages, and whoever asked for them gets them. Home Assistant, Zigbee2MQTT, Node-RED and many devices speak with it."
  category      = "home"
  version       = "2.1.2"
  website       = "https://mosquitto.org"
  source        = "https://github.com/eclipse-mosquitto/mosquitto"
  license       = "EPL-2.0 OR BSD-3-Clause"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "mqtt"
  min_memory    = 64
  min_disk      = 256
  notes         = "Devices in your home reach it at this machine's address on port 1883, with the name that you chose and the password that was made for you. It has no page to look at; pages that speak MQTT over WebSockets use port 9001."

  setting "username" {
    title   = "Name for devices"
    type    = "string"
    default = "mqtt"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "password" {
    title  = "Password for devices"
    reveal = true
  }

  service "broker" {
    image      = "docker.io/library/eclipse-mosquitto:2.1.2-alpine"
    entrypoint = ["/bin/sh", "-ec"]
    # The list of passwords is made anew at each start, without one showing in arguments.
    command = [<<-EOT
      umask 077
      printf '%s:%s\n' "$MQTT_USERNAME" "$MQTT_PASSWORD" > /tmp/passwd
      unset MQTT_PASSWORD
      mosquitto_passwd -U /tmp/passwd
      exec mosquitto -c /etc/mosquitto.conf
    EOT
    ]
    user = "1883:1883"
    env = {
      MQTT_PASSWORD = secret.password
      MQTT_USERNAME = setting.username
      TZ            = pool.timezone
    }
    file "/etc/mosquitto.conf" {
      content = <<-EOT
        allow_anonymous false
        password_file /tmp/passwd
        persistence true
        persistence_location /mosquitto/data/
        log_dest stdout
        listener 1883
        listener 9001
        protocol websockets
      EOT
    }
    volume "data" {
      path  = "/mosquitto/data"
      owner = "1883:1883"
      kind  = "database"
    }
    port "mqtt" {
      port  = 1883
      title = "MQTT for devices"
    }
    # Not through the front door, which asks an app for a page before it calls it well.
    port "websockets" {
      port  = 9001
      title = "MQTT for pages in browsers, over WebSockets"
    }
    stop_timeout = 20
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 128
    }
  }
}
