app "siyuan" {
  title         = "SiYuan"
  tagline       = "Notes in blocks, linked to each other"
  description   = "Writes, links and asks down to the single paragraph, with tables as databases, flash cards and a graph of your thoughts. Everything is kept in plain files on your server."
  category      = "notes"
  version       = "3.8.1"
  website       = "https://b3log.org/siyuan"
  source        = "https://github.com/siyuan-note/siyuan"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 1024
  notes         = "It asks for an access code: the one that was made for you. One person at a time should write."

  secret "access_code" {
    title  = "Access code"
    reveal = true
  }

  service "web" {
    image   = "docker.io/b3log/siyuan:v3.8.1"
    command = ["serve", "--workspace=/siyuan/workspace"]
    env = {
      PGID                    = "1000"
      PUID                    = "1000"
      SIYUAN_ACCESS_AUTH_CODE = secret.access_code
      TZ                      = pool.timezone
    }
    volume "workspace" {
      path  = "/siyuan/workspace"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 6806
      access = "app"
      health { path = "/api/system/version" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }
}
