app "ghost" {
  title         = "Ghost"
  tagline       = "A magazine or newsletter of your own"
  description   = "Write in a fine editor, publish as a website and as a newsletter at once, and let readers become members, paying ones if you like."
  category      = "web"
  version       = "6.59.0"
  website       = "https://ghost.org"
  source        = "https://github.com/TryGhost/Ghost"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 1280
  min_disk      = 2048
  notes         = "Open /ghost right away: the first visitor chooses the site's name and makes the owner's account. Give it a mail server; without one it cannot confirm sign-ins from new devices, which it then does not ask for."

  setting "smtp_host" {
    title    = "Mail server"
    help     = "The server through which it sends mail. Leave it empty, and it sends none."
    type     = "string"
    pattern  = "[A-Za-z0-9.-]*"
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
  setting "smtp_security" {
    title    = "Encryption of the way to the mail server"
    help     = "starttls is usual on port 587, tls on port 465."
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
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
    help     = "Who its mail comes from."
    type     = "email"
    advanced = true
  }
  secret "db_password" {}
  secret "db_root_password" {}

  service "web" {
    image = "docker.io/library/ghost:6.59.0"
    after = ["db"]
    env = {
      NODE_ENV                       = "production"
      url                            = app.url
      server__host                   = "0.0.0.0"
      server__port                   = "2368"
      database__client               = "mysql"
      database__connection__host     = service.db.host
      database__connection__port     = service.db.port
      database__connection__user     = "ghost"
      database__connection__password = secret.db_password
      database__connection__database = "ghost"
      privacy__useUpdateCheck        = "false"
      # It would ask for a code that it sends by mail at the first sign-in from a device.
      security__staffDeviceVerification = setting.smtp_host != ""
      mail__transport                   = setting.smtp_host != "" ? "SMTP" : null
      mail__from                        = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      mail__options__host               = setting.smtp_host != "" ? setting.smtp_host : null
      mail__options__port               = setting.smtp_host != "" ? setting.smtp_port : null
      mail__options__secure             = setting.smtp_host != "" ? setting.smtp_security == "tls" : null
      mail__options__auth__user         = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      mail__options__auth__pass         = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      TZ                                = pool.timezone
    }
    volume "content" {
      path  = "/var/lib/ghost/content"
      owner = "1000:1000"
      mode  = "0755"
    }
    expose "web" {
      port   = 2368
      access = "app"
      # Asked without https it only points there, so accepting a connection is the check.
      health {}
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 768
    }
  }

  # Its makers support no other database than MySQL 8.
  service "db" {
    image = "docker.io/library/mysql:8.4.4"
    port  = 3306
    env = {
      MYSQL_DATABASE      = "ghost"
      MYSQL_USER          = "ghost"
      MYSQL_PASSWORD      = secret.db_password
      MYSQL_ROOT_PASSWORD = secret.db_root_password
    }
    command = ["--performance-schema=OFF", "--innodb-buffer-pool-size=96M", "--mysqlx=OFF"]
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["sh", "-c", "exec mysqladmin ping -h 127.0.0.1 -u \"$MYSQL_USER\" -p\"$MYSQL_PASSWORD\""] }
    backup { command = ["sh", "-c", "exec mysqldump --single-transaction --no-tablespaces -u \"$MYSQL_USER\" -p\"$MYSQL_PASSWORD\" \"$MYSQL_DATABASE\""] }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 448
      memory_max = 768
    }
  }
}
