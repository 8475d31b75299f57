app "minio" {
  title         = "MinIO"
  tagline       = "Object storage that speaks S3"
  description   = "A place for buckets on your own disk, for programs that want to keep files in S3: backups, photo apps, development. With a page to look after buckets, keys and rules."
  category      = "files"
  version       = "2026-06-18"
  website       = "https://github.com/pgsty/minio"
  source        = "https://github.com/pgsty/minio"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 4096
  notes         = "Sign in with the name that you chose and the password that was made for you. Programs reach the buckets at this app's second address, which begins with s3-; make a key of its own for each of them. This is the build that the community keeps going since MinIO's makers stopped giving out theirs."

  setting "admin_username" {
    title   = "Name of the root user"
    help    = "Also the root access key; at least three characters."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "admin_password" {
    title  = "Password of the root user"
    reveal = true
  }

  service "web" {
    # MinIO's makers ended their images in 2025; this is the community's build
    # of the same program, with the fixes since.
    image   = "docker.io/pgsty/minio:RELEASE.2026-06-18T00-00-00Z"
    command = ["server", "/data", "--address", ":9000", "--console-address", ":9001"]
    env = {
      MINIO_BROWSER_REDIRECT_URL = app.url
      MINIO_ROOT_PASSWORD        = secret.admin_password
      MINIO_ROOT_USER            = setting.admin_username
      TZ                         = pool.timezone
    }
    volume "data" {
      path  = "/data"
      owner = "0:0"
      kind  = "data"
    }
    expose "console" {
      port   = 9001
      access = "app"
      health { path = "/login" }
    }
    expose "s3" {
      port      = 9000
      access    = "app"
      subdomain = "s3"
      health { path = "/minio/health/live" }
    }
    stop_timeout = 30
    resources {
      cpu        = 300
      memory     = 256
      memory_max = 1536
    }
  }
}
