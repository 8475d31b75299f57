app "stirling-pdf" {
  title         = "Stirling PDF"
  tagline       = "Everything that one does with PDFs"
  description   = "Join, split, turn, sign, shrink, blacken, read and convert PDFs on your own machine: more than fifty tools on one page."
  category      = "office"
  version       = "2.14.3"
  website       = "https://www.stirlingpdf.com"
  source        = "https://github.com/Stirling-Tools/Stirling-PDF"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 1536
  min_disk      = 1024
  notes         = "Sign in as admin with the password that was made for you."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }

  service "web" {
    image = "docker.io/stirlingtools/stirling-pdf:2.14.3"
    env = {
      DISABLE_ADDITIONAL_FEATURES    = "false"
      SECURITY_ENABLELOGIN           = "true"
      SECURITY_INITIALLOGIN_USERNAME = "admin"
      SECURITY_INITIALLOGIN_PASSWORD = secret.admin_password
      SYSTEM_ENABLEANALYTICS         = "false"
      SYSTEM_MAXFILESIZE             = "512"
    }
    volume "configs" {
      path  = "/configs"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health {
        path    = "/api/v1/info/status"
        timeout = 10
      }
    }
    resources {
      cpu        = 300
      memory     = 768
      memory_max = 3072
    }
  }
}
