app "mongo-express" {
  title         = "Mongo Express"
  tagline       = "Look into MongoDB, with a MongoDB of its own"
  description   = "Browse and change databases, collections and documents on a plain page. The database comes along."
  category      = "development"
  version       = "1.0.2"
  website       = "https://github.com/mongo-express/mongo-express"
  source        = "https://github.com/mongo-express/mongo-express"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 1024
  notes         = "Sign in as admin with the password that was made for you. Only your home network passes its front door until you open it to others. MongoDB needs a processor with AVX."

  secret "password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "cookie_key" { length = 64 }
  secret "session_key" { length = 64 }

  service "web" {
    image = "docker.io/library/mongo-express:1.0.2"
    after = ["mongo"]
    env = {
      # The first is what later versions call the second.
      ME_CONFIG_BASICAUTH_ENABLED    = "true"
      ME_CONFIG_BASICAUTH            = "true"
      ME_CONFIG_BASICAUTH_USERNAME   = "admin"
      ME_CONFIG_BASICAUTH_PASSWORD   = secret.password
      ME_CONFIG_MONGODB_URL          = "mongodb://${service.mongo.host}:${service.mongo.port}/"
      ME_CONFIG_MONGODB_ENABLE_ADMIN = "true"
      ME_CONFIG_SITE_COOKIESECRET    = secret.cookie_key
      ME_CONFIG_SITE_SESSIONSECRET   = secret.session_key
    }
    # What it opens is for its owner, whoever else might pass a sign-in; hence private.
    expose "web" {
      port   = 8081
      access = "private"
      health {}
    }
    resources {
      cpu        = 50
      memory     = 96
      memory_max = 384
    }
  }

  service "mongo" {
    image = "docker.io/library/mongo:8.0.10"
    port  = 27017
    volume "data" {
      path  = "/data/db"
      owner = "999:999"
      kind  = "database"
    }
    health {
      command  = ["mongosh", "--quiet", "--eval", "db.adminCommand('ping').ok"]
      interval = 60
      timeout  = 20
    }
    backup { command = ["mongodump", "--quiet", "--archive"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 1024
    }
  }
}
