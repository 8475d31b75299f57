app "writefreely" {
  title         = "WriteFreely"
  tagline       = "A page to write on, and nothing that distracts"
  description   = "A blog as calm as a sheet of paper: open it, write in Markdown, publish. Readers on Mastodon and the other networks can follow it like a person."
  category      = "social"
  version       = "0.16.0"
  website       = "https://writefreely.org"
  source        = "https://github.com/writefreely/writefreely"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 256
  min_disk      = 512
  notes         = "Sign in at /login with the name that you chose and the password that was made for you. The host name cannot be changed later without losing followers."

  setting "owner_username" {
    title   = "Your name"
    help    = "The blog's address in the network begins with it. Used once."
    type    = "string"
    default = "me"
    pattern = "[a-z][a-z0-9-]{1,39}"
  }
  setting "site_name" {
    title   = "The blog's name"
    type    = "string"
    default = "WriteFreely"
  }
  setting "single_user" {
    title   = "One blog, at the front page"
    help    = "Otherwise several people can each have blogs."
    type    = "bool"
    default = true
  }
  secret "owner_password" {
    title  = "Your password"
    reveal = true
  }

  service "web" {
    image      = "docker.io/writeas/writefreely:0.16.0"
    entrypoint = ["/bin/sh", "/opt/start.sh"]
    env = {
      OWNER_USERNAME = setting.owner_username
      OWNER_PASSWORD = secret.owner_password
    }
    file "/opt/start.sh" {
      content = <<-EOT
        set -eu
        cd /go
        wf="cmd/writefreely/writefreely -c /opt/config.ini"
        mkdir -p /data/keys
        if [ ! -s /data/keys/email.aes256 ]; then $wf keys generate; fi
        if [ ! -e /data/.first-account-made ]; then
          $wf db init
          $wf user create --admin "$OWNER_USERNAME:$OWNER_PASSWORD"
          touch /data/.first-account-made
        else
          $wf db migrate
        fi
        unset OWNER_PASSWORD
        exec $wf serve
      EOT
    }
    file "/opt/config.ini" {
      content = <<-EOT
        [server]
        port                 = 8080
        bind                 = 0.0.0.0
        keys_parent_dir      = /data
        templates_parent_dir = /go
        static_parent_dir    = /go
        pages_parent_dir     = /go

        [database]
        type     = sqlite3
        filename = /data/writefreely.db

        [app]
        site_name         = ${setting.site_name}
        host              = ${app.url}
        theme             = write
        single_user       = ${setting.single_user}
        open_registration = false
        min_username_len  = 2
        max_blogs         = 5
        federation        = true
        public_stats      = false
        local_timeline    = ${!setting.single_user}
        default_visibility = public
      EOT
    }
    volume "data" {
      path  = "/data"
      owner = "2:2"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health {}
    }
    resources {
      cpu    = 50
      memory = 64
    }
  }
}
