app "mattermost" {
  title         = "Mattermost"
  tagline       = "Channels and messages for a team of your own"
  description   = "Talk in channels and threads, share files, search everything that was said, and connect the tools that you work with. There are apps for phones and computers."
  category      = "communication"
  version       = "11.9.0"
  website       = "https://mattermost.com"
  source        = "https://github.com/mattermost/mattermost"
  license       = "MIT"
  architectures = ["amd64"]
  min_memory    = 1536
  min_disk      = 4096
  notes         = "Open it right away: whoever makes the first account is its administrator. Then make a team, and invite the others by a link."

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

  service "web" {
    image = "docker.io/mattermost/mattermost-team-edition:11.9.0"
    after = ["db"]
    env = {
      MM_SQLSETTINGS_DRIVERNAME               = "postgres"
      MM_SQLSETTINGS_DATASOURCE               = "postgres://mattermost:${urlencode(secret.db_password)}@${service.db.host}:${service.db.port}/mattermost?sslmode=disable&connect_timeout=10"
      MM_SERVICESETTINGS_SITEURL              = app.url
      MM_SERVICESETTINGS_LISTENADDRESS        = ":8065"
      MM_SERVICESETTINGS_TRUSTEDPROXYIPHEADER = "X-Forwarded-For X-Real-IP"
      MM_BLEVESETTINGS_INDEXDIR               = "/mattermost/bleve-indexes"
      MM_TEAMSETTINGS_ENABLEOPENSERVER        = "false"
      MM_LOGSETTINGS_ENABLEDIAGNOSTICS        = "false"
      MM_EMAILSETTINGS_SENDEMAILNOTIFICATIONS = setting.smtp_host != "" ? "true" : null
      MM_EMAILSETTINGS_SMTPSERVER             = setting.smtp_host != "" ? setting.smtp_host : null
      MM_EMAILSETTINGS_SMTPPORT               = setting.smtp_host != "" ? setting.smtp_port : null
      MM_EMAILSETTINGS_ENABLESMTPAUTH         = setting.smtp_host != "" ? setting.smtp_username != "" : null
      MM_EMAILSETTINGS_SMTPUSERNAME           = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      MM_EMAILSETTINGS_SMTPPASSWORD           = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      MM_EMAILSETTINGS_CONNECTIONSECURITY     = setting.smtp_host != "" ? setting.smtp_security == "tls" ? "TLS" : (setting.smtp_security == "starttls" ? "STARTTLS" : "") : null
      MM_EMAILSETTINGS_FEEDBACKEMAIL          = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      MM_EMAILSETTINGS_REPLYTOADDRESS         = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
      TZ                                      = pool.timezone
    }
    volume "config" {
      path  = "/mattermost/config"
      owner = "2000:2000"
    }
    volume "data" {
      path  = "/mattermost/data"
      owner = "2000:2000"
    }
    volume "logs" {
      path  = "/mattermost/logs"
      owner = "2000:2000"
      kind  = "cache"
    }
    volume "plugins" {
      path  = "/mattermost/plugins"
      owner = "2000:2000"
    }
    volume "client-plugins" {
      path  = "/mattermost/client/plugins"
      owner = "2000:2000"
    }
    volume "indexes" {
      path  = "/mattermost/bleve-indexes"
      owner = "2000:2000"
      kind  = "cache"
    }
    expose "web" {
      port   = 8065
      access = "app"
      health { path = "/api/v4/system/ping" }
    }
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1536
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "mattermost"
      POSTGRES_DB       = "mattermost"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    # -h asks over TCP: while the database is being made it listens on a
    # socket only, and must not count as ready yet.
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "mattermost"] }
    backup { command = ["pg_dump", "-U", "mattermost", "mattermost"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
