app "roundcube" {
  title         = "Roundcube"
  tagline       = "Your mailbox in the browser"
  description   = "Read and write the mail of an account that you have anywhere, with folders, search, contacts and filters, from any computer with a browser."
  category      = "communication"
  version       = "1.7.4"
  website       = "https://roundcube.net"
  source        = "https://github.com/roundcube/roundcubemail"
  license       = "GPL-3.0-or-later"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 512
  notes         = "Sign in with the name and password of your mail account."

  setting "imap_host" {
    title    = "Server that has your mail"
    help     = "The one for reading, called IMAP."
    type     = "string"
    required = true
    pattern  = "[A-Za-z0-9.-]+"
  }
  setting "imap_port" {
    title    = "Its port"
    type     = "number"
    default  = 993
    min      = 1
    max      = 65535
    advanced = true
  }
  setting "imap_security" {
    title    = "Encryption of the way there"
    help     = "tls is usual on port 993, starttls on port 143."
    type     = "choice"
    choices  = ["tls", "starttls", "none"]
    default  = "tls"
    advanced = true
  }
  setting "smtp_host" {
    title   = "Server that sends your mail"
    help    = "Empty: the same."
    type    = "string"
    pattern = "[A-Za-z0-9.-]*"
  }
  setting "smtp_port" {
    title    = "Its port"
    type     = "number"
    default  = 587
    min      = 1
    max      = 65535
    advanced = true
  }
  setting "smtp_security" {
    title    = "Encryption of the way there"
    help     = "starttls is usual on port 587, tls on port 465."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }
  setting "upload_limit" {
    title    = "Largest attachment"
    help     = "A number with M."
    type     = "string"
    default  = "25M"
    pattern  = "[1-9][0-9]{0,3}M"
    advanced = true
  }
  # Encrypts the mailbox's password while somebody is signed in; its cipher takes 24 characters.
  secret "des_key" { length = 24 }

  service "web" {
    image = "docker.io/roundcube/roundcubemail:1.7.4-apache"
    env = {
      # Roundcube calls starttls "tls", and tls "ssl".
      ROUNDCUBEMAIL_DEFAULT_HOST        = "${setting.imap_security == "tls" ? "ssl://" : (setting.imap_security == "starttls" ? "tls://" : "")}${setting.imap_host}"
      ROUNDCUBEMAIL_DEFAULT_PORT        = setting.imap_port
      ROUNDCUBEMAIL_SMTP_SERVER         = "${setting.smtp_security == "tls" ? "ssl://" : (setting.smtp_security == "starttls" ? "tls://" : "")}${setting.smtp_host != "" ? setting.smtp_host : setting.imap_host}"
      ROUNDCUBEMAIL_SMTP_PORT           = setting.smtp_port
      ROUNDCUBEMAIL_DB_TYPE             = "sqlite"
      ROUNDCUBEMAIL_PLUGINS             = "archive,zipdownload,managesieve"
      ROUNDCUBEMAIL_UPLOAD_MAX_FILESIZE = setting.upload_limit
      ROUNDCUBEMAIL_DES_KEY             = secret.des_key
    }
    # The program itself is unpacked anew at each start, and so needs no volume.
    volume "db" {
      path  = "/var/roundcube/db"
      owner = "33:33"
      kind  = "database"
    }
    volume "config" {
      path  = "/var/roundcube/config"
      owner = "33:33"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {
        path    = "/"
        timeout = 10
      }
    }
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 512
    }
  }
}
