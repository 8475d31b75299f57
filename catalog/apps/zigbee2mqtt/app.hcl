app "zigbee2mqtt" {
  title         = "Zigbee2MQTT"
  tagline       = "Zigbee devices of all makers, without their hubs"
  description   = "Speaks with thousands of Zigbee lamps, sensors and switches through one adapter and passes everything on over MQTT, with a page that shows the network and sets devices up."
  category      = "home"
  version       = "2.13.0"
  website       = "https://www.zigbee2mqtt.io"
  source        = "https://github.com/Koenkk/zigbee2mqtt"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 256
  notes         = "Made for an adapter that stands in your network (Ethernet or Wi-Fi), given by its address. An adapter in a USB port of this machine is let in by an override: then write its device, such as /dev/ttyUSB0, in place of the address. Let devices join with the button on its page. It needs an MQTT broker; Mosquitto is in this catalog."

  setting "adapter" {
    title    = "Adapter"
    help     = "Its address and port, for example tcp://192.168.1.50:6638."
    type     = "string"
    required = true
  }
  setting "adapter_type" {
    title   = "Kind of adapter"
    help    = "By its chip: ember for Silicon Labs, zstack for Texas Instruments."
    type    = "choice"
    choices = ["ember", "zstack", "deconz", "zigate", "zboss"]
    default = "ember"
  }
  setting "mqtt_server" {
    title    = "MQTT broker"
    help     = "For example mqtt://192.168.1.10:1883."
    type     = "string"
    required = true
  }
  setting "mqtt_username" {
    title = "Name at the broker"
    type  = "string"
  }
  setting "mqtt_password" {
    title = "Password at the broker"
    type  = "password"
  }

  service "web" {
    image = "ghcr.io/koenkk/zigbee2mqtt:2.13.0"
    env = {
      TZ                                       = pool.timezone
      Z2M_ONBOARD_NO_SERVER                    = "1"
      ZIGBEE2MQTT_CONFIG_FRONTEND_ENABLED      = "true"
      ZIGBEE2MQTT_CONFIG_FRONTEND_PORT         = "8080"
      ZIGBEE2MQTT_CONFIG_FRONTEND_URL          = app.url
      ZIGBEE2MQTT_CONFIG_HOMEASSISTANT_ENABLED = "true"
      ZIGBEE2MQTT_CONFIG_MQTT_PASSWORD         = setting.mqtt_username != "" ? setting.mqtt_password : null
      ZIGBEE2MQTT_CONFIG_MQTT_SERVER           = setting.mqtt_server
      ZIGBEE2MQTT_CONFIG_MQTT_USER             = setting.mqtt_username != "" ? setting.mqtt_username : null
      ZIGBEE2MQTT_CONFIG_SERIAL_ADAPTER        = setting.adapter_type
      ZIGBEE2MQTT_CONFIG_SERIAL_PORT           = setting.adapter
    }
    volume "data" {
      path  = "/app/data"
      owner = "0:0"
      kind  = "database"
    }
    # It knows no accounts.
    expose "web" {
      port   = 8080
      access = "private"
      health {
        path    = "/"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 384
    }
  }
}
