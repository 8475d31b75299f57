app "cloudbeaver" {
  title         = "CloudBeaver"
  tagline       = "Every database of a team in the browser"
  description   = "Connect to PostgreSQL, MySQL, Oracle, SQL Server, SQLite and many more, share connections with others, and work on data and queries without installing anything."
  category      = "development"
  version       = "26.0.5"
  website       = "https://dbeaver.com/dbeaver-cloud-beaver/"
  source        = "https://github.com/dbeaver/cloudbeaver"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "cbadmin"
  min_memory    = 1024
  min_disk      = 512
  notes         = "Sign in as cbadmin with the password that was made for you. Only your home network passes its front door until you open it to others."

  secret "admin_password" {
    title   = "Password of the user cbadmin"
    reveal  = true
    bytes   = 32
    charset = "base64"
  }

  service "web" {
    image = "docker.io/dbeaver/cloudbeaver:26.0.5"
    # It asks for a small letter, a capital and a digit, which a text in base64
    # of this length has.
    env = {
      # Else everybody could use it without signing in.
      CLOUDBEAVER_APP_ANONYMOUS_ACCESS_ENABLED = "false"
      CB_ADMIN_NAME                            = "cbadmin"
      CB_ADMIN_PASSWORD                        = secret.admin_password
      CB_SERVER_NAME                           = "CloudBeaver"
      CB_SERVER_URL                            = app.url
    }
    volume "workspace" {
      path  = "/opt/cloudbeaver/workspace"
      owner = "8978:8978"
      mode  = "0775"
      kind  = "database"
    }
    # What it opens is for its owner, whoever else might pass a sign-in; hence private.
    expose "web" {
      port   = 8978
      access = "private"
      health { path = "/" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 512
      memory_max = 1536
    }
  }
}
