app "obsidian-livesync" {
  title         = "Obsidian LiveSync"
  tagline       = "Your Obsidian notes, the same on every device"
  description   = "The database that the plugin Self-hosted LiveSync for Obsidian keeps its notes in: what you type on the phone is on the computer a moment later, encrypted on the way if you wish."
  category      = "notes"
  version       = "3.5.2"
  website       = "https://github.com/vrtmrz/obsidian-livesync"
  source        = "https://github.com/apache/couchdb"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "obsidian"
  min_memory    = 256
  min_disk      = 512
  notes         = "In Obsidian, install the plugin Self-hosted LiveSync and give it this app's address, the name that you chose, the password that was made for you, and any name for the database. Phones need an https address with a certificate that they trust. The database itself is looked after at /_utils."

  setting "admin_username" {
    title   = "Name to sync with"
    help    = "Changing it later makes another account."
    type    = "string"
    default = "obsidian"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  secret "admin_password" {
    title  = "Password to sync with"
    reveal = true
  }

  service "web" {
    image = "docker.io/library/couchdb:3.5.2"
    # As root it would want to own the file below, and end when it may not.
    user = "5984:5984"
    env = {
      COUCHDB_PASSWORD = secret.admin_password
      COUCHDB_USER     = setting.admin_username
      TZ               = pool.timezone
    }
    # What the plugin asks for: nobody without a password, big notes, and
    # requests from Obsidian's own origins.
    file "/opt/couchdb/etc/local.d/10-livesync.ini" {
      content = <<-EOT
        [couchdb]
        single_node = true
        max_document_size = 50000000

        [chttpd]
        require_valid_user_except_for_up = true
        max_http_request_size = 4294967296
        enable_cors = true

        [httpd]
        WWW-Authenticate = Basic realm="couchdb"
        enable_cors = true

        [cors]
        origins = app://obsidian.md,capacitor://localhost,http://localhost
        credentials = true
        headers = accept, authorization, content-type, origin, referer
        methods = GET, PUT, POST, HEAD, DELETE
        max_age = 3600
      EOT
    }
    volume "data" {
      path  = "/opt/couchdb/data"
      owner = "5984:5984"
      kind  = "database"
    }
    expose "web" {
      port   = 5984
      access = "app"
      health { path = "/_up" }
    }
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 512
    }
  }
}
