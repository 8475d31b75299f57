app "openhab" {
  title         = "openHAB"
  tagline       = "A smart home without a maker's leash"
  description   = "Ties devices of hundreds of makers into one home with rules, pages and a model of your rooms, on your own machine. For people who like to build thoroughly."
  category      = "home"
  version       = "5.1.4"
  website       = "https://www.openhab.org"
  source        = "https://github.com/openhab/openhab-distro"
  license       = "EPL-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 2048
  notes         = "The first start takes some minutes. The first visitor makes the administrator's account. It stands on a network of its own and does not find devices by their announcements; add those by their addresses."

  service "web" {
    image = "docker.io/openhab/openhab:5.1.4"
    env = {
      CRYPTO_POLICY = "unlimited"
      GROUP_ID      = "1000"
      TZ            = pool.timezone
      USER_ID       = "1000"
    }
    volume "addons" {
      path  = "/openhab/addons"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "conf" {
      path  = "/openhab/conf"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "userdata" {
      path  = "/openhab/userdata"
      owner = "1000:1000"
      kind  = "database"
    }
    # Who is not signed in may see and switch; hence private.
    expose "web" {
      port   = 8080
      access = "private"
      health {
        path    = "/"
        timeout = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 300
      memory     = 768
      memory_max = 2048
    }
  }
}
