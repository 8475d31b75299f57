app "collabora" {
  title         = "Collabora Online"
  tagline       = "Office documents in the browser"
  description   = "Write texts, sheets and slides together with others in the browser. It opens the files of your Nextcloud or another cloud, and keeps none itself."
  category      = "office"
  version       = "25.04.9.4.1"
  website       = "https://www.collaboraonline.com"
  source        = "https://github.com/CollaboraOnline/online"
  license       = "MPL-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 1536
  min_disk      = 512
  notes         = "Give this app's address to your cloud: in Nextcloud, install Nextcloud Office and enter it under Administration, Office. What runs can be seen at /browser/dist/admin/admin.html, as admin with the password that was made for you."

  setting "cloud_url" {
    title    = "Address of the cloud whose files it opens"
    help     = "As people type it, such as https://nextcloud.example.org. Others are refused."
    type     = "url"
    required = true
  }
  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }

  service "web" {
    image = "docker.io/collabora/code:25.04.9.4.1"
    env = {
      aliasgroup1       = setting.cloud_url
      username          = "admin"
      password          = secret.admin_password
      server_name       = trimprefix(trimprefix(app.url, "https://"), "http://")
      DONT_GEN_SSL_CERT = "true"
      extra_params      = "--o:ssl.enable=false --o:ssl.termination=${trimprefix(app.url, "https://") != app.url ? "true" : "false"} --o:mount_jail_tree=false --o:home_mode.enable=true"
    }
    expose "web" {
      port   = 9980
      access = "public"
      health {
        path    = "/hosting/discovery"
        timeout = 10
      }
    }
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 3072
    }
  }
}
