app "authelia" {
  title         = "Authelia"
  tagline       = "One sign-in, with a second factor, for many apps"
  description   = "A gate in front of your other apps: sign in once, confirm with your phone or a security key, and the apps that speak OpenID Connect know who you are."
  category      = "security"
  version       = "4.39.24"
  website       = "https://www.authelia.com"
  source        = "https://github.com/authelia/authelia"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 64
  notes         = "It works only where your cloud is reached by https. Sign in with the name that you chose and the password that was made for you. Users are in users.yml in its config volume, and the passwords there are made with authelia crypto hash generate argon2. Apps that may sign people in through it are written into extra.yml beside it, which is read at the next start. Without a mail server its messages, such as the code that it asks for when you add a second factor, are in notification.txt beside them."

  setting "username" {
    title   = "Your name"
    help    = "The first user. Used once."
    type    = "string"
    default = "admin"
    pattern = "[a-z][a-z0-9._-]{0,39}"
  }
  setting "user_email" {
    title = "Your e-mail address"
    help  = "Where codes are sent. Used once. Empty: your name at your cloud's domain."
    type  = "email"
  }
  setting "policy" {
    title    = "How people prove who they are"
    type     = "choice"
    choices  = ["one_factor", "two_factor"]
    default  = "two_factor"
    advanced = true
  }
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
  secret "user_password" {
    title  = "Your first password"
    reveal = true
  }
  secret "session_secret" { length = 64 }
  secret "storage_key" { length = 64 }
  secret "reset_secret" { length = 64 }

  service "web" {
    image      = "docker.io/authelia/authelia:4.39.24"
    entrypoint = ["/bin/sh", "/opt/start.sh"]
    env = {
      PUID                            = "1000"
      PGID                            = "1000"
      USER_NAME                       = setting.username
      USER_EMAIL                      = setting.user_email != "" ? setting.user_email : "${setting.username}@${pool.domain}"
      USER_PASSWORD                   = secret.user_password
      AUTHELIA_NOTIFIER_SMTP_PASSWORD = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      TZ                              = pool.timezone
    }
    # Only the hash of the password is kept, so it is made here, once.
    file "/opt/start.sh" {
      content = <<-EOT
        set -eu
        umask 077
        if [ ! -s /config/users.yml ]; then
          hash=$(authelia crypto hash generate argon2 --password "$USER_PASSWORD" | sed -n 's/^Digest: //p')
          [ -n "$hash" ]
          cat > /config/users.yml <<END
        users:
          $USER_NAME:
            displayname: '$USER_NAME'
            password: '$hash'
            email: '$USER_EMAIL'
            groups: ['admins']
        END
        fi
        unset USER_NAME USER_EMAIL USER_PASSWORD
        [ -e /config/extra.yml ] || : > /config/extra.yml
        extra=
        [ ! -s /config/extra.yml ] || extra=,/config/extra.yml
        export X_AUTHELIA_CONFIG="/opt/configuration.yml$extra"
        exec /app/entrypoint.sh
      EOT
    }
    file "/opt/configuration.yml" {
      content = <<-EOT
        theme: auto
        server:
          address: tcp://0.0.0.0:9091/
        log:
          level: info
        totp:
          issuer: ${app.host}
        authentication_backend:
          file:
            path: /config/users.yml
        access_control:
          default_policy: ${setting.policy}
        session:
          secret: ${secret.session_secret}
          cookies:
            - domain: ${pool.domain}
              authelia_url: ${app.url}
        storage:
          encryption_key: ${secret.storage_key}
          local:
            path: /config/db.sqlite3
        identity_validation:
          reset_password:
            jwt_secret: ${secret.reset_secret}
        notifier:
          ${setting.smtp_host == "" ? "filesystem:\n    filename: /config/notification.txt" : "smtp:\n    address: ${setting.smtp_security == "tls" ? "submissions" : (setting.smtp_security == "starttls" ? "submission" : "smtp")}://${setting.smtp_host}:${setting.smtp_port}\n    username: '${setting.smtp_username}'\n    sender: ${setting.smtp_from != "" ? setting.smtp_from : "authelia@${pool.domain}"}\n    disable_require_tls: ${setting.smtp_security == "none"}"}
      EOT
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      mode  = "0700"
      kind  = "database"
    }
    expose "web" {
      port   = 9091
      access = "app"
      health { path = "/api/health" }
    }
    resources {
      cpu    = 100
      memory = 128
      # Each check of a password takes 64 MiB for a moment.
      memory_max = 512
    }
  }
}
