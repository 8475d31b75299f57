app "onlyoffice" {
  title         = "ONLYOFFICE Docs"
  tagline       = "Office documents in the browser, true to their form"
  description   = "Texts, sheets, slides and forms that several people edit at once, close to what Microsoft Office makes of them. It works on the files of your Nextcloud, Seafile or another cloud."
  category      = "office"
  version       = "9.4.0"
  website       = "https://www.onlyoffice.com"
  source        = "https://github.com/ONLYOFFICE/DocumentServer"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 3072
  min_disk      = 2048
  notes         = "Give your cloud's ONLYOFFICE app this address and the secret that was made for you. The first start takes some minutes."

  secret "jwt_secret" {
    title  = "Secret to share with your cloud"
    reveal = true
  }

  service "web" {
    image = "docker.io/onlyoffice/documentserver:9.4.0"
    env = {
      JWT_ENABLED              = "true"
      JWT_SECRET               = secret.jwt_secret
      ALLOW_PRIVATE_IP_ADDRESS = "true"
    }
    volume "data" {
      path = "/var/www/onlyoffice/Data"
      mode = "0755"
      kind = "data"
    }
    volume "lib" {
      path = "/var/lib/onlyoffice"
      mode = "0755"
      kind = "cache"
    }
    volume "db" {
      path = "/var/lib/postgresql"
      mode = "0755"
      kind = "database"
    }
    # What it does is asked for with that secret, by the cloud.
    expose "web" {
      port   = 80
      access = "public"
      health {
        path    = "/healthcheck"
        timeout = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 1536
      memory_max = 4096
    }
  }
}
