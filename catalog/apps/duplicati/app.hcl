app "duplicati" {
  title         = "Duplicati"
  tagline       = "Encrypted backups to wherever you have space"
  description   = "Copies folders, encrypted and only as far as they changed, to other disks, to another server or to dozens of cloud services, by a timetable, and brings single files back."
  category      = "backup"
  version       = "2.3.0.4"
  website       = "https://duplicati.com"
  source        = "https://github.com/duplicati/duplicati"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "Sign in with the password that was made for you. It sees what lies in the folder \"web/source\" that this app's status names, and writes to \"web/backups\" or to a service elsewhere; let it see other folders of the machine by an override. Keep the encryption key in a safe place: without it this app's settings cannot be read again."

  secret "web_password" {
    title  = "Password to sign in with"
    reveal = true
  }
  secret "encryption_key" {
    title  = "Key of its settings"
    reveal = true
    length = 48
  }

  service "web" {
    image = "docker.io/duplicati/duplicati:2.3.0.4"
    env = {
      DUPLICATI__WEBSERVICE_ALLOWED_HOSTNAMES = app.host
      DUPLICATI__WEBSERVICE_PASSWORD          = secret.web_password
      SETTINGS_ENCRYPTION_KEY                 = secret.encryption_key
      TZ                                      = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "0:0"
      kind  = "database"
    }
    volume "source" {
      path  = "/source"
      owner = "0:0"
      mode  = "0755"
      kind  = "media"
    }
    volume "backups" {
      path  = "/backups"
      owner = "0:0"
      kind  = "data"
    }
    expose "web" {
      port   = 8200
      access = "private"
      health {}
    }
    stop_timeout = 60
    resources {
      cpu        = 300
      memory     = 256
      memory_max = 1536
    }
  }
}
