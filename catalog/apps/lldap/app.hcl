app "lldap" {
  title         = "LLDAP"
  tagline       = "A small directory of people for apps that speak LDAP"
  description   = "Keep names, passwords and groups in one place with a simple page, and let your other apps ask it, without learning what a directory server is."
  category      = "security"
  version       = "0.6.3"
  website       = "https://github.com/lldap/lldap"
  source        = "https://github.com/lldap/lldap"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "admin"
  min_memory    = 128
  min_disk      = 128
  notes         = "Sign in as admin with the password that was made for you. Apps ask this machine's address at port 3890, as uid=NAME,ou=people, followed by the base that you chose. That port is not encrypted: do not let it through from the internet."

  setting "base_dn" {
    title   = "The directory's base"
    help    = "Usually your domain in pieces. It cannot be changed later."
    type    = "string"
    default = "dc=home,dc=arpa"
    pattern = "dc=[a-z0-9-]+(,dc=[a-z0-9-]+)*"
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
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "jwt_secret" { length = 64 }
  secret "key_seed" { length = 64 }

  service "web" {
    image = "ghcr.io/lldap/lldap:v0.6.3-alpine-rootless"
    env = {
      LLDAP_HTTP_HOST                           = "0.0.0.0"
      LLDAP_HTTP_PORT                           = "17170"
      LLDAP_HTTP_URL                            = app.url
      LLDAP_LDAP_PORT                           = "3890"
      LLDAP_LDAP_BASE_DN                        = setting.base_dn
      LLDAP_LDAP_USER_DN                        = "admin"
      LLDAP_LDAP_USER_EMAIL                     = "admin@${pool.domain}"
      LLDAP_LDAP_USER_PASS                      = secret.admin_password
      LLDAP_JWT_SECRET                          = secret.jwt_secret
      LLDAP_KEY_SEED                            = secret.key_seed
      LLDAP_DATABASE_URL                        = "sqlite:///data/users.db?mode=rwc"
      TZ                                        = pool.timezone
      LLDAP_SMTP_OPTIONS__ENABLE_PASSWORD_RESET = setting.smtp_host != "" ? "true" : null
      LLDAP_SMTP_OPTIONS__SERVER                = setting.smtp_host != "" ? setting.smtp_host : null
      LLDAP_SMTP_OPTIONS__PORT                  = setting.smtp_host != "" ? setting.smtp_port : null
      LLDAP_SMTP_OPTIONS__SMTP_ENCRYPTION       = setting.smtp_host != "" ? setting.smtp_security == "tls" ? "TLS" : (setting.smtp_security == "starttls" ? "STARTTLS" : "NONE") : null
      LLDAP_SMTP_OPTIONS__USER                  = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      LLDAP_SMTP_OPTIONS__PASSWORD              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      LLDAP_SMTP_OPTIONS__FROM                  = setting.smtp_host != "" && setting.smtp_from != "" ? setting.smtp_from : null
    }
    port "ldap" {
      port  = 3890
      title = "Apps that ask who somebody is (LDAP)"
    }
    volume "data" {
      path  = "/data"
      owner = "1000:1000"
      mode  = "0700"
      kind  = "database"
    }
    expose "web" {
      port   = 17170
      access = "app"
      health { path = "/health" }
    }
    resources {
      cpu    = 50
      memory = 48
    }
  }
}
