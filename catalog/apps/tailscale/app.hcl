app "tailscale" {
  title         = "Tailscale"
  tagline       = "Bring this machine's home network into your Tailscale network"
  description   = "With an account at Tailscale, or your own Headscale, your phone and laptop reach your home from anywhere, and can use its internet connection as their own."
  category      = "network"
  version       = "1.102.3"
  website       = "https://tailscale.com"
  source        = "https://github.com/tailscale/tailscale"
  license       = "BSD-3-Clause"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 128
  min_disk      = 64
  notes         = "After the first start, allow in Tailscale's console what this machine offers: its routes, and being an exit node. Your apps are then reached through the routes, at this machine's address in the home network."

  setting "auth_key" {
    title    = "Key"
    help     = "One that you made in Tailscale's console under Settings, Keys. It is used once."
    type     = "password"
    required = true
  }
  setting "hostname" {
    title   = "This machine's name in the network"
    type    = "string"
    default = "cloud"
    pattern = "[a-z0-9-]{1,63}"
  }
  setting "routes" {
    title   = "Networks to lead to"
    help    = "The home network, such as 192.168.1.0/24; several are separated by commas. Empty: none."
    type    = "string"
    pattern = "[0-9a-fA-F.:/,]*"
  }
  setting "exit_node" {
    title   = "Let your devices reach the internet through it"
    type    = "bool"
    default = false
  }
  setting "login_server" {
    title    = "Another switchboard"
    help     = "The address of your Headscale. Empty: Tailscale's own."
    type     = "url"
    advanced = true
  }

  service "tailscale" {
    image = "docker.io/tailscale/tailscale:v1.102.3"
    env = {
      TS_AUTHKEY   = setting.auth_key
      TS_AUTH_ONCE = "true"
      TS_STATE_DIR = "/var/lib/tailscale"
      TS_HOSTNAME  = setting.hostname
      TS_ROUTES    = setting.routes != "" ? setting.routes : null
      # It brings its own network in a process, and so needs no rights on the machine.
      TS_USERSPACE           = "true"
      TS_ACCEPT_DNS          = "false"
      TS_EXTRA_ARGS          = join(" ", [setting.exit_node ? "--advertise-exit-node" : "--advertise-exit-node=false", setting.login_server != "" ? "--login-server=${setting.login_server}" : ""])
      TS_ENABLE_HEALTH_CHECK = "true"
      TS_LOCAL_ADDR_PORT     = "127.0.0.1:9002"
    }
    volume "state" {
      path  = "/var/lib/tailscale"
      owner = "0:0"
      mode  = "0700"
    }
    health {
      command  = ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9002/healthz"]
      interval = 30
    }
    resources {
      cpu        = 100
      memory     = 64
      memory_max = 256
    }
  }
}
