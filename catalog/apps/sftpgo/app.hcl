app "sftpgo" {
  title         = "SFTPGo"
  tagline       = "Files by SFTP and in the browser, for many people"
  description   = "Gives each person a folder, reached by SFTP from any program or by a web page, with quotas, links to share and virtual folders in the cloud storage of others."
  category      = "files"
  version       = "2.7.5"
  website       = "https://sftpgo.com"
  source        = "https://github.com/drakkan/sftpgo"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 1024
  notes         = "Sign in at /web/admin with the administrator's name that you chose and the password that was made for you, and make users. They sign in at /web/client, or by SFTP on port 2022."

  setting "admin_username" {
    title   = "Administrator's name"
    help    = "Used once, when the first account is made."
    type    = "string"
    default = "admin"
    pattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "Which server sends the app's mail. Left empty, it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.:_-]{0,253}"
    advanced = true
  }
  setting "smtp_port" {
    title    = "Mail server's port"
    type     = "number"
    default  = 587
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
    title    = "Sender of the app's mail"
    type     = "email"
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption to the mail server"
    help     = "Port 587 mostly wants starttls, port 465 tls."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image = "docker.io/drakkan/sftpgo:v2.7.5-alpine"
    env = {
      SFTPGO_DATA_PROVIDER__CREATE_DEFAULT_ADMIN        = "true"
      SFTPGO_DEFAULT_ADMIN_PASSWORD                     = secret.admin_password
      SFTPGO_DEFAULT_ADMIN_USERNAME                     = setting.admin_username
      SFTPGO_HTTPD__BINDINGS__0__ADDRESS                = "0.0.0.0"
      SFTPGO_HTTPD__BINDINGS__0__CLIENT_IP_PROXY_HEADER = "X-Forwarded-For"
      SFTPGO_HTTPD__BINDINGS__0__PORT                   = "8080"
      SFTPGO_HTTPD__BINDINGS__0__PROXY_ALLOWED          = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
      SFTPGO_SFTPD__BINDINGS__0__PORT                   = "2022"
      SFTPGO_SMTP__ENCRYPTION                           = setting.smtp_host != "" ? (setting.smtp_security == "tls" ? 1 : (setting.smtp_security == "starttls" ? 2 : 0)) : null
      SFTPGO_SMTP__HOST                                 = setting.smtp_host != "" ? setting.smtp_host : null
      SFTPGO_SMTP__PORT                                 = setting.smtp_host != "" ? setting.smtp_port : null
      SFTPGO_SMTP__USER                                 = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      SFTPGO_SMTP__PASSWORD                             = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      SFTPGO_SMTP__FROM                                 = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      TZ                                                = pool.timezone
    }
    # Accounts and host keys.
    volume "state" {
      path  = "/var/lib/sftpgo"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "files" {
      path  = "/srv/sftpgo"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/healthz" }
    }
    port "sftp" {
      port  = 2022
      title = "Files over SFTP"
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 96
      memory_max = 512
    }
  }
}
