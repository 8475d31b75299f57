app "openlist" {
  title         = "OpenList"
  tagline       = "All your cloud drives as one folder"
  description   = "Shows dozens of storage services and your own disks side by side in the browser and over WebDAV, plays what is in them and copies between them."
  category      = "files"
  version       = "4.2.2"
  website       = "https://oplist.org"
  source        = "https://github.com/OpenListTeam/OpenList"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 192
  min_disk      = 512
  notes         = "Sign in as admin with the password that was made for you, then add your storage under Manage, Storages. Turn the guest account on there if others may look without signing in."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }

  service "web" {
    image = "docker.io/openlistteam/openlist:v4.2.2"
    env = {
      OPENLIST_ADMIN_PASSWORD = secret.admin_password
      TZ                      = pool.timezone
      UMASK                   = "022"
    }
    volume "data" {
      path  = "/opt/openlist/data"
      owner = "1001:1001"
      kind  = "database"
    }
    volume "files" {
      path  = "/files"
      owner = "1001:1001"
      kind  = "data"
    }
    expose "web" {
      port   = 5244
      access = "app"
      health { path = "/ping" }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 96
      memory_max = 512
    }
  }
}
