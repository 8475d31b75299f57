app "rocketchat" {
  title         = "Rocket.Chat"
  tagline       = "Team chat with guests, calls and bots"
  description   = "Channels, direct messages, discussions and video calls for a group or a company, with guests from outside where you want them."
  category      = "communication"
  version       = "8.5.1"
  website       = "https://www.rocket.chat"
  source        = "https://github.com/RocketChat/Rocket.Chat"
  license       = "MIT AND LicenseRef-RocketChat-EE"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 2560
  min_disk      = 4096
  notes         = "The first start takes some minutes. Sign in with the administrator's name that you chose and the password that was made for you. Its database needs a processor with AVX, which small and old ones lack."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, for the first account."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9._-]{1,60}"
  }
  setting "admin_email" {
    title = "Administrator's e-mail address"
    help  = "Empty: the administrator's name at the app's host name."
    type  = "email"
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "The server through which it sends mail. Leave it empty, and it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.-]*"
    advanced = true
  }
  setting "smtp_port" {
    title    = "Mail server's port"
    type     = "number"
    default  = 587
    min      = 1
    max      = 65535
    advanced = true
  }
  setting "smtp_username" {
    title    = "Name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Sender's address"
    help     = "Who its mail comes from."
    type     = "email"
    advanced = true
  }
  setting "registration" {
    title   = "Let people make accounts"
    help    = "Off, only the administrator makes accounts."
    type    = "bool"
    default = false
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image = "registry.rocket.chat/rocketchat/rocket.chat:8.5.1"
    after = ["replicaset"]
    env = {
      MONGO_URL                                                           = "mongodb://${service.mongo.host}:${service.mongo.port}/rocketchat?replicaSet=rs0"
      ROOT_URL                                                            = app.url
      PORT                                                                = "3000"
      DEPLOY_METHOD                                                       = "docker"
      ADMIN_USERNAME                                                      = setting.admin_username
      ADMIN_NAME                                                          = setting.admin_username
      ADMIN_EMAIL                                                         = setting.admin_email != "" ? setting.admin_email : "${setting.admin_username}@${app.host}"
      ADMIN_PASS                                                          = secret.admin_password
      HTTP_FORWARDED_COUNT                                                = "1"
      OVERWRITE_SETTING_Accounts_RegistrationForm                         = setting.registration ? "Public" : "Disabled"
      OVERWRITE_SETTING_Accounts_TwoFactorAuthentication_By_Email_Enabled = setting.smtp_host != ""
      MAIL_URL                                                            = setting.smtp_host != "" ? "${setting.smtp_port == 465 ? "smtps" : "smtp"}://${urlencode(setting.smtp_username)}:${urlencode(setting.smtp_password)}@${setting.smtp_host}:${setting.smtp_port}" : null
      OVERWRITE_SETTING_From_Email                                        = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
    }
    expose "web" {
      port   = 3000
      access = "app"
      health {
        path     = "/api/info"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 1024
      memory_max = 2560
    }
  }

  # Rocket.Chat wants a database that tells of changes, which only a member of
  # a replica set does, be it alone in it.
  service "replicaset" {
    image      = "docker.io/library/mongo:8.2.0"
    once       = true
    after      = ["mongo"]
    entrypoint = ["mongosh", "--host", "127.0.0.1", "--quiet", "--eval"]
    command    = ["try { rs.status() } catch (e) { rs.initiate({_id: 'rs0', members: [{_id: 0, host: '127.0.0.1:27017'}]}) }; while (!db.hello().isWritablePrimary) { sleep(500) }"]
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 256
    }
  }

  service "mongo" {
    image = "docker.io/library/mongo:8.2.0"
    port  = 27017
    # Bound to the address that just this app's services share, so it needs no password.
    command = ["mongod", "--replSet", "rs0", "--bind_ip", "127.0.0.1", "--oplogSize", "128", "--wiredTigerCacheSizeGB", "0.25"]
    volume "data" {
      path  = "/data/db"
      owner = "999:999"
      kind  = "database"
    }
    volume "config" {
      path  = "/data/configdb"
      owner = "999:999"
    }
    health { command = ["mongosh", "--host", "127.0.0.1", "--quiet", "--eval", "db.adminCommand('ping').ok ? quit(0) : quit(1)"] }
    backup { command = ["mongodump", "--host", "127.0.0.1", "--quiet", "--archive"] }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }
}
