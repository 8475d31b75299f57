app "restic-rest-server" {
  title         = "restic REST server"
  tagline       = "A quick place for restic's backups"
  description   = "Takes the encrypted backups that restic on your computers and servers makes. It can be set so that a computer may add backups and never delete any, which also holds against ransomware."
  category      = "backup"
  version       = "0.14.0"
  website       = "https://github.com/restic/rest-server"
  source        = "https://github.com/restic/rest-server"
  license       = "BSD-2-Clause"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "backup"
  min_memory    = 128
  min_disk      = 4096
  notes         = "It has no page to look at. On a computer, with NAME and PASSWORD for the ones shown here: restic -r rest:https://NAME:PASSWORD@HOST/NAME/ init. With \"append only\" on, nothing can be deleted from outside; turn it off for the time in which you prune."

  setting "username" {
    title   = "Name to sign in with"
    type    = "string"
    default = "backup"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  setting "append_only" {
    title   = "Append only"
    help    = "Backups may be added and read, and never deleted."
    type    = "bool"
    default = true
  }
  secret "password" {
    title  = "Password to sign in with"
    reveal = true
  }

  service "web" {
    image      = "docker.io/restic/rest-server:0.14.0"
    entrypoint = ["/bin/sh", "-ec"]
    # The list of passwords is made anew at each start, from a pipe.
    command = [<<-EOT
      printf '%s\n' "$WEB_PASSWORD" | htpasswd -i -B -c /tmp/htpasswd "$WEB_USERNAME" 2>/dev/null
      unset WEB_PASSWORD
      exec rest-server --path /data --listen :8000 --htpasswd-file /tmp/htpasswd --private-repos $APPEND_ONLY
    EOT
    ]
    user = "1000:1000"
    env = {
      APPEND_ONLY  = setting.append_only ? "--append-only" : ""
      TZ           = pool.timezone
      WEB_PASSWORD = secret.password
      WEB_USERNAME = setting.username
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 8000
      access = "app"
    }
    health { command = ["nc", "-z", "127.0.0.1", "8000"] }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 64
      memory_max = 512
    }
  }
}
