app "jdownloader" {
  title         = "JDownloader"
  tagline       = "Downloads from hosters, steered from anywhere"
  description   = "The download manager that knows every hoster, run on your server and shown in the browser, or steered from a phone through a MyJDownloader account."
  category      = "media"
  version       = "26.08.2"
  website       = "https://jdownloader.org"
  source        = "https://github.com/jlesage/docker-jdownloader-2"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 4096
  notes         = "Files lie in the folder \"web/output\" that this app's status names. With a MyJDownloader account in the settings, apps and browsers can add links from elsewhere."

  setting "myjdownloader_email" {
    title    = "MyJDownloader: e-mail address"
    type     = "email"
    advanced = true
  }
  setting "myjdownloader_password" {
    title    = "MyJDownloader: password"
    type     = "password"
    advanced = true
  }

  service "web" {
    image = "docker.io/jlesage/jdownloader-2:v26.08.2"
    env = {
      GROUP_ID                  = "1000"
      MYJDOWNLOADER_DEVICE_NAME = setting.myjdownloader_email != "" ? app.name : null
      MYJDOWNLOADER_EMAIL       = setting.myjdownloader_email != "" ? setting.myjdownloader_email : null
      MYJDOWNLOADER_PASSWORD    = setting.myjdownloader_email != "" ? setting.myjdownloader_password : null
      TZ                        = pool.timezone
      USER_ID                   = "1000"
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "output" {
      path  = "/output"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    # It knows no accounts.
    expose "web" {
      port   = 5800
      access = "private"
      health { path = "/" }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 448
      memory_max = 1536
    }
  }
}
