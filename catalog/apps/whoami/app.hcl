app "whoami" {
  title         = "Whoami"
  tagline       = "Shows what a request looks like when it arrives"
  description   = "Answers every request with the request itself: the name that was asked for, the headers that the front door added, the address it came from. The quickest way to see whether a name, a certificate or a proxy in front of your cloud does what you think."
  category      = "start"
  version       = "1.12.0"
  website       = "https://github.com/traefik/whoami"
  source        = "https://github.com/traefik/whoami"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64", "arm"]
  notes         = "Everybody who knows the address can open it. It keeps nothing and has no accounts; remove it when you are done looking."

  service "web" {
    image     = "docker.io/traefik/whoami:v1.12.0"
    command   = ["--port", "8080", "--name", app.name]
    user      = "65534:65534"
    read_only = true
    expose "web" {
      port   = 8080
      access = "public"
      health { path = "/health" }
    }
    resources {
      cpu    = 50
      memory = 32
    }
  }
}
