app "jitsi" {
  title         = "Jitsi Meet"
  tagline       = "Video calls in the browser, without an account"
  description   = "Make up a room's name, send the link, and everybody is there with picture and sound, on computers and phones. Only people with an account can open a room; guests just come."
  category      = "communication"
  version       = "10888"
  website       = "https://jitsi.org"
  source        = "https://github.com/jitsi/jitsi-meet"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "host"
  min_memory    = 2560
  min_disk      = 512
  notes         = "It works only where your cloud is reached by https. Let UDP port 10000 through from the internet to this machine. Open a room, choose I am the host, and sign in as host with the password that was made for you; guests then come by the link."

  setting "advertise_ips" {
    title   = "Addresses under which this machine is reached"
    help    = "From the internet and in the home network, separated by commas. Empty: it finds out by itself, which works for most."
    type    = "string"
    pattern = "[0-9a-fA-F.:,]*"
  }
  secret "host_password" {
    title  = "Password of host"
    reveal = true
  }
  secret "jicofo_password" {}
  secret "jvb_password" {}

  service "web" {
    image = "docker.io/jitsi/web:stable-10888"
    after = ["prosody", "jvb"]
    env = {
      DISABLE_HTTPS         = "1"
      ENABLE_HTTP_REDIRECT  = "0"
      ENABLE_LETSENCRYPT    = "0"
      XMPP_BOSH_URL_BASE    = "http://${service.prosody.host}:${service.prosody.port}"
      ENABLE_XMPP_WEBSOCKET = "1"
      # The names by which the web server may pass the picture's control line on.
      COLIBRI_WEBSOCKET_REGEX  = "127.0.0.1"
      PUBLIC_URL               = app.url
      TZ                       = pool.timezone
      ENABLE_AUTH              = "1"
      ENABLE_GUESTS            = "1"
      AUTH_TYPE                = "internal"
      XMPP_SERVER              = "127.0.0.1"
      XMPP_DOMAIN              = "meet.jitsi"
      XMPP_AUTH_DOMAIN         = "auth.meet.jitsi"
      XMPP_GUEST_DOMAIN        = "guest.meet.jitsi"
      XMPP_MUC_DOMAIN          = "muc.meet.jitsi"
      XMPP_INTERNAL_MUC_DOMAIN = "internal-muc.meet.jitsi"
      XMPP_HIDDEN_DOMAIN       = "hidden.meet.jitsi"
      JVB_BREWERY_MUC          = "jvbbrewery"
      ENABLE_COLIBRI_WEBSOCKET = "1"
      JVB_AUTH_USER            = "jvb"
      JVB_AUTH_PASSWORD        = secret.jvb_password
      JICOFO_AUTH_PASSWORD     = secret.jicofo_password
    }
    volume "config" {
      path  = "/config"
      owner = "0:0"
      mode  = "0755"
      kind  = "cache"
    }
    expose "web" {
      port   = 80
      access = "app"
      health { path = "/" }
    }
    resources {
      cpu    = 100
      memory = 96
    }
  }

  service "prosody" {
    image      = "docker.io/jitsi/prosody:stable-10888"
    port       = 5280
    entrypoint = ["/bin/sh", "-c"]
    # Accounts are kept by prosody, and are made with its own command once it has written its configuration.
    command = ["(until [ -e /config/data/meet%2ejitsi/accounts/host.dat ] || { [ -s /config/prosody.cfg.lua ] && sleep 5 && prosodyctl --config /config/prosody.cfg.lua register host meet.jitsi \"$HOST_PASSWORD\" > /dev/null; }; do sleep 5; done) & exec /init"]
    env = {
      HOST_PASSWORD            = secret.host_password
      PUBLIC_URL               = app.url
      TZ                       = pool.timezone
      ENABLE_AUTH              = "1"
      ENABLE_GUESTS            = "1"
      AUTH_TYPE                = "internal"
      XMPP_SERVER              = "127.0.0.1"
      XMPP_DOMAIN              = "meet.jitsi"
      XMPP_AUTH_DOMAIN         = "auth.meet.jitsi"
      XMPP_GUEST_DOMAIN        = "guest.meet.jitsi"
      XMPP_MUC_DOMAIN          = "muc.meet.jitsi"
      XMPP_INTERNAL_MUC_DOMAIN = "internal-muc.meet.jitsi"
      XMPP_HIDDEN_DOMAIN       = "hidden.meet.jitsi"
      JVB_BREWERY_MUC          = "jvbbrewery"
      ENABLE_COLIBRI_WEBSOCKET = "1"
      JVB_AUTH_USER            = "jvb"
      JVB_AUTH_PASSWORD        = secret.jvb_password
      JICOFO_AUTH_PASSWORD     = secret.jicofo_password
    }
    volume "config" {
      path  = "/config"
      owner = "0:0"
      mode  = "0755"
    }
    resources {
      cpu    = 100
      memory = 96
    }
  }

  service "jicofo" {
    image = "docker.io/jitsi/jicofo:stable-10888"
    after = ["prosody"]
    env = {
      JAVA_SYS_PROPS           = "-Xmx512m"
      PUBLIC_URL               = app.url
      TZ                       = pool.timezone
      ENABLE_AUTH              = "1"
      ENABLE_GUESTS            = "1"
      AUTH_TYPE                = "internal"
      XMPP_SERVER              = "127.0.0.1"
      XMPP_DOMAIN              = "meet.jitsi"
      XMPP_AUTH_DOMAIN         = "auth.meet.jitsi"
      XMPP_GUEST_DOMAIN        = "guest.meet.jitsi"
      XMPP_MUC_DOMAIN          = "muc.meet.jitsi"
      XMPP_INTERNAL_MUC_DOMAIN = "internal-muc.meet.jitsi"
      XMPP_HIDDEN_DOMAIN       = "hidden.meet.jitsi"
      JVB_BREWERY_MUC          = "jvbbrewery"
      ENABLE_COLIBRI_WEBSOCKET = "1"
      JVB_AUTH_USER            = "jvb"
      JVB_AUTH_PASSWORD        = secret.jvb_password
      JICOFO_AUTH_PASSWORD     = secret.jicofo_password
    }
    volume "config" {
      path  = "/config"
      owner = "0:0"
      mode  = "0755"
      kind  = "cache"
    }
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }

  service "jvb" {
    image = "docker.io/jitsi/jvb:stable-10888"
    after = ["prosody"]
    # The web server passes the picture's control line on to here.
    port = 9090
    env = {
      JVB_PORT          = "10000"
      JVB_ADVERTISE_IPS = setting.advertise_ips != "" ? setting.advertise_ips : null
      JVB_STUN_SERVERS  = "meet-jit-si-turnrelay.jitsi.net:443"
      # It is the address that the web server connects to.
      JVB_WS_SERVER_ID         = "127.0.0.1"
      VIDEOBRIDGE_MAX_MEMORY   = "1024m"
      PUBLIC_URL               = app.url
      TZ                       = pool.timezone
      ENABLE_AUTH              = "1"
      ENABLE_GUESTS            = "1"
      AUTH_TYPE                = "internal"
      XMPP_SERVER              = "127.0.0.1"
      XMPP_DOMAIN              = "meet.jitsi"
      XMPP_AUTH_DOMAIN         = "auth.meet.jitsi"
      XMPP_GUEST_DOMAIN        = "guest.meet.jitsi"
      XMPP_MUC_DOMAIN          = "muc.meet.jitsi"
      XMPP_INTERNAL_MUC_DOMAIN = "internal-muc.meet.jitsi"
      XMPP_HIDDEN_DOMAIN       = "hidden.meet.jitsi"
      JVB_BREWERY_MUC          = "jvbbrewery"
      ENABLE_COLIBRI_WEBSOCKET = "1"
      JVB_AUTH_USER            = "jvb"
      JVB_AUTH_PASSWORD        = secret.jvb_password
      JICOFO_AUTH_PASSWORD     = secret.jicofo_password
    }
    port "media" {
      port     = 10000
      protocol = "udp"
      title    = "Picture and sound"
    }
    volume "config" {
      path  = "/config"
      owner = "0:0"
      mode  = "0755"
      kind  = "cache"
    }
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 1536
    }
  }
}
