app "cryptpad" {
  title         = "CryptPad"
  tagline       = "Documents that even the server cannot read"
  description   = "Texts, sheets, slides, boards, polls and a drive for several people at once, encrypted in the browser before anything reaches your machine."
  category      = "office"
  version       = "2026.5.1"
  website       = "https://cryptpad.org"
  source        = "https://github.com/cryptpad/cryptpad"
  license       = "AGPL-3.0-or-later"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "It needs HTTPS. Its address for the first administrator (/install/ and a long code) stands in its log; open it and make your account there. It lives at two addresses, its own and one that begins with sandbox-; both must reach your cloud. Close registration in its administration once everybody has an account. Only your home network passes its front door until you open it to others."

  service "web" {
    image = "docker.io/cryptpad/cryptpad:version-2026.5.1"
    env = {
      CPAD_CONF               = "/cryptpad/config/config.js"
      CPAD_MAIN_DOMAIN        = app.url
      CPAD_SANDBOX_DOMAIN     = replace(app.url, "://", "://sandbox-")
      CPAD_INSTALL_ONLYOFFICE = "no"
    }
    file "/cryptpad/config/config.js" {
      content = <<-EOT
      module.exports = {
        httpUnsafeOrigin: '${app.url}',
        httpSafeOrigin: '${replace(app.url, "://", "://sandbox-")}',
        httpAddress: '0.0.0.0',
        httpPort: 3000,
        websocketPort: 3003,
        maxWorkers: 2,
        archiveRetentionTime: 15,
        inactiveTime: 90,
        filePath: './datastore/',
        archivePath: './data/archive',
        pinPath: './data/pins',
        taskPath: './data/tasks',
        blockPath: './block',
        blobPath: './blob',
        blobStagingPath: './data/blobstage',
        decreePath: './data/decrees',
        logPath: './data/logs',
        logToStdout: true,
        logLevel: 'info',
        logFeedback: false,
        verbose: false,
        installMethod: 'docker',
      };
    EOT
    }
    volume "blob" {
      path  = "/cryptpad/blob"
      owner = "4001:4001"
      kind  = "data"
    }
    volume "block" {
      path  = "/cryptpad/block"
      owner = "4001:4001"
      kind  = "data"
    }
    volume "data" {
      path  = "/cryptpad/data"
      owner = "4001:4001"
      kind  = "data"
    }
    volume "datastore" {
      path  = "/cryptpad/datastore"
      owner = "4001:4001"
      kind  = "data"
    }
    # Anybody could make an account until its owner closes that; hence private.
    expose "web" {
      port   = 3000
      access = "private"
      health { path = "/" }
    }
    # As the page that it serves.
    expose "sandbox" {
      port      = 3000
      access    = "private"
      subdomain = "sandbox"
    }
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }
}
