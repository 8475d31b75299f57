app "psitransfer" {
  title         = "PsiTransfer"
  tagline       = "Send big files without accounts"
  description   = "Upload with one password, get a link, and whoever has it can fetch the files until they expire. Broken uploads go on where they stopped."
  category      = "files"
  version       = "2.4.4"
  website       = "https://github.com/psi-4ward/psitransfer"
  source        = "https://github.com/psi-4ward/psitransfer"
  license       = "BSD-2-Clause"
  architectures = ["amd64", "arm64"]
  min_memory    = 128
  min_disk      = 2048
  notes         = "Who wants to upload needs the first password that was made for you; links work without one. The page /admin shows all that is stored and asks for the second."

  secret "upload_password" {
    title  = "Password to upload"
    reveal = true
    length = 16
  }
  secret "admin_password" {
    title  = "Password of the page /admin"
    reveal = true
  }

  service "web" {
    image = "docker.io/psitrax/psitransfer:v2.4.4"
    env = {
      PSITRANSFER_ADMIN_PASS  = secret.admin_password
      PSITRANSFER_UPLOAD_PASS = secret.upload_password
      TZ                      = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/" }
    }
    init         = true
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 96
      memory_max = 384
    }
  }
}
