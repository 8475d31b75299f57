app "librespeed" {
  title         = "LibreSpeed"
  tagline       = "How fast is the way to your cloud?"
  description   = "Measure download, upload and delay between the device in your hand and your own machine, in any browser, without telling a company."
  category      = "network"
  version       = "6.2.1"
  website       = "https://librespeed.org"
  source        = "https://github.com/librespeed/speedtest"
  license       = "LGPL-3.0-or-later"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 128
  min_disk      = 64
  notes         = "Open it on the device whose connection you want to measure."

  service "web" {
    image = "ghcr.io/librespeed/speedtest:6.2.1"
    env = {
      MODE      = "standalone"
      TELEMETRY = "false"
      TITLE     = "LibreSpeed"
      WEBPORT   = "8080"
    }
    expose "web" {
      port   = 8080
      access = "members"
      health {}
    }
    resources {
      cpu    = 200
      memory = 64
    }
  }
}
