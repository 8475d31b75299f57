app "convertx" {
  title         = "ConvertX"
  tagline       = "Turn any file into another kind"
  description   = "Pictures, films, music, documents, books and drawings in more than a thousand formats: put one in, take another out, without sending it to anybody."
  category      = "tools"
  version       = "0.18.0"
  website       = "https://github.com/C4illin/ConvertX"
  source        = "https://github.com/C4illin/ConvertX"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "Make your account: the first one is always allowed, further ones only if you let people make accounts. Only your home network passes its front door until you open it to others."

  setting "registration" {
    title   = "Let people make accounts"
    type    = "bool"
    default = false
  }
  secret "jwt_secret" { length = 64 }

  service "web" {
    image = "docker.io/c4illin/convertx:v0.18.0"
    env = {
      ACCOUNT_REGISTRATION      = setting.registration ? "true" : "false"
      ALLOW_UNAUTHENTICATED     = "false"
      AUTO_DELETE_EVERY_N_HOURS = "24"
      HTTP_ALLOWED              = trimprefix(app.url, "https://") != app.url ? "false" : "true"
      JWT_SECRET                = secret.jwt_secret
      TZ                        = pool.timezone
    }
    volume "data" {
      path = "/app/data"
      kind = "database"
    }
    # Whoever comes first is its owner; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health { path = "/healthcheck" }
    }
    resources {
      cpu        = 300
      memory     = 128
      memory_max = 2048
    }
  }
}
