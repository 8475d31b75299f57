app "bluesky-pds" {
  title         = "Bluesky PDS"
  tagline       = "Keep your Bluesky account on your own machine"
  description   = "Your posts, follows and pictures in the Bluesky network live here instead of with the company; you use the same app and see the same people, under a name of your own domain."
  category      = "social"
  version       = "0.4.182"
  website       = "https://atproto.com/guides/self-hosting"
  source        = "https://github.com/bluesky-social/pds"
  license       = "MIT OR Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 768
  min_disk      = 4096
  notes         = "It needs a cloud that is reached by https from the internet. Make an invitation: curl -u admin:PASSWORD -H 'Content-Type: application/json' -d '{\"useCount\":1}' followed by this app's address and /xrpc/com.atproto.server.createInviteCode, with the password that was made for you. Then choose Create account in the Bluesky app, your own hosting provider, this app's address, and the invitation. Give your domain a TXT record _atproto with did= and your account's number, and choose the domain as your handle under Settings."

  setting "admin_email" {
    title = "Administrator's e-mail address"
    help  = "Others see it as the contact. Empty: none."
    type  = "email"
  }
  setting "invites" {
    title    = "Accounts need an invitation"
    type     = "bool"
    default  = true
    advanced = true
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "Through which it sends confirmations. Empty: it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.-]*"
    advanced = true
  }
  setting "smtp_port" {
    title    = "Mail server's port"
    type     = "number"
    default  = 465
    min      = 1
    max      = 65535
    advanced = true
  }
  setting "smtp_username" {
    title    = "Name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Sender's address"
    type     = "email"
    advanced = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "jwt_secret" {
    bytes   = 32
    charset = "hex"
  }
  # A number of 256 bits; all but a vanishing share of them are keys of the curve.
  secret "rotation_key" {
    bytes   = 32
    charset = "hex"
  }

  service "pds" {
    image = "ghcr.io/bluesky-social/pds:0.4.182"
    env = {
      PDS_HOSTNAME                              = app.host
      PDS_PORT                                  = "3000"
      PDS_JWT_SECRET                            = secret.jwt_secret
      PDS_ADMIN_PASSWORD                        = secret.admin_password
      PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX = secret.rotation_key
      PDS_DATA_DIRECTORY                        = "/pds"
      PDS_BLOBSTORE_DISK_LOCATION               = "/pds/blocks"
      PDS_BLOB_UPLOAD_LIMIT                     = "104857600"
      PDS_DID_PLC_URL                           = "https://plc.directory"
      PDS_BSKY_APP_VIEW_URL                     = "https://api.bsky.app"
      PDS_BSKY_APP_VIEW_DID                     = "did:web:api.bsky.app"
      PDS_REPORT_SERVICE_URL                    = "https://mod.bsky.app"
      PDS_REPORT_SERVICE_DID                    = "did:plc:ar7c4by46qjdydhdevvrndac"
      PDS_CRAWLERS                              = "https://bsky.network"
      PDS_INVITE_REQUIRED                       = setting.invites
      PDS_RATE_LIMITS_ENABLED                   = "true"
      PDS_CONTACT_EMAIL_ADDRESS                 = setting.admin_email != "" ? setting.admin_email : null
      PDS_EMAIL_SMTP_URL                        = setting.smtp_host != "" ? "${setting.smtp_port == 465 ? "smtps" : "smtp"}://${urlencode(setting.smtp_username)}:${urlencode(setting.smtp_password)}@${setting.smtp_host}:${setting.smtp_port}" : null
      PDS_EMAIL_FROM_ADDRESS                    = setting.smtp_host != "" ? setting.smtp_from : null
      LOG_ENABLED                               = "true"
    }
    volume "data" {
      path  = "/pds"
      owner = "0:0"
      mode  = "0700"
      kind  = "database"
    }
    expose "web" {
      port   = 3000
      access = "app"
      health { path = "/xrpc/_health" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }
}
