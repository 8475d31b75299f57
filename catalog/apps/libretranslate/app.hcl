app "libretranslate" {
  title         = "LibreTranslate"
  tagline       = "Translations that stay at home"
  description   = "Translate texts and whole documents between dozens of languages on your own machine, on a page or from your programs."
  category      = "ai"
  version       = "1.9.6"
  website       = "https://libretranslate.com"
  source        = "https://github.com/LibreTranslate/LibreTranslate"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 2048
  min_disk      = 10240
  notes         = "The first start fetches the languages and takes a while; fewer languages start sooner and need less memory."

  setting "languages" {
    title   = "Languages"
    help    = "Their codes with commas between, as en,de,fr. Empty means all of them, which takes much memory."
    type    = "string"
    default = "en,de,fr,es,it"
    pattern = "([a-z]{2,3}(,[a-z]{2,3})*)?"
  }

  service "web" {
    image = "docker.io/libretranslate/libretranslate:v1.9.6"
    env = {
      LT_LOAD_ONLY     = setting.languages != "" ? setting.languages : null
      LT_UPDATE_MODELS = "true"
    }
    volume "models" {
      path  = "/home/libretranslate/.local"
      owner = "1032:1032"
      kind  = "cache"
    }
    volume "db" {
      path  = "/app/db"
      owner = "1032:1032"
      kind  = "database"
    }
    expose "web" {
      port   = 5000
      access = "members"
      health {
        path    = "/health"
        timeout = 10
      }
    }
    resources {
      cpu        = 500
      memory     = 1024
      memory_max = 6144
    }
  }
}
