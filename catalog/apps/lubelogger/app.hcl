app "lubelogger" {
  title         = "LubeLogger"
  tagline       = "Your car's service book"
  description   = "Writes down fuel, repairs, inspections, taxes and reminders for every vehicle in the family, with receipts, and says what they really cost."
  category      = "home"
  version       = "1.7.1"
  website       = "https://lubelogger.com"
  source        = "https://github.com/hargata/lubelog"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Add your first vehicle. Under Settings you can turn on sign-in, for accounts of its own behind your cloud's door."

  setting "smtp_host" {
    title    = "Mail server"
    help     = "Which server sends the app's mail. Left empty, it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.:_-]{0,253}"
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
    title    = "Sender of the app's mail"
    type     = "email"
    advanced = true
  }

  service "web" {
    image = "ghcr.io/hargata/lubelogger:v1.7.1"
    env = {
      MailConfig__EmailServer = setting.smtp_host != "" ? setting.smtp_host : null
      MailConfig__Port        = setting.smtp_host != "" ? setting.smtp_port : null
      MailConfig__Username    = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MailConfig__Password    = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MailConfig__EmailFrom   = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      TZ                      = pool.timezone
    }
    volume "data" {
      path  = "/App/data"
      owner = "0:0"
      kind  = "database"
    }
    volume "keys" {
      path  = "/root/.aspnet/DataProtection-Keys"
      owner = "0:0"
      kind  = "data"
    }
    # It knows no accounts until its owner turns them on; hence private.
    expose "web" {
      port   = 8080
      access = "private"
      health {}
    }
    stop_timeout = 20
    resources {
      cpu        = 100
      memory     = 160
      memory_max = 512
    }
  }
}
