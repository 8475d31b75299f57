app "smtp-relay" {
  title         = "SMTP relay"
  tagline       = "One place through which your apps and devices send mail"
  description   = "Give every printer, camera and app the same mail server instead of your mail account's password. It keeps what cannot be sent yet, and passes it on to your provider or right to the recipients."
  category      = "communication"
  version       = "5.1.0"
  website       = "https://github.com/bokysan/docker-postfix"
  source        = "https://github.com/bokysan/docker-postfix"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "relay"
  min_memory    = 256
  min_disk      = 256
  notes         = "Devices and apps send to this machine's address at port 1587, as relay@ followed by your cloud's domain, with the password that was made for you. Without a mail server to pass it on to, it delivers by itself; most recipients then want to see DNS records (SPF, DKIM, a reverse name) for your address."

  setting "sender_domains" {
    title   = "Domains to sign for"
    help    = "A DKIM key is made for each of them, separated by spaces. Empty: none."
    type    = "string"
    pattern = "[a-z0-9. -]*"
  }
  setting "hostname" {
    title    = "How it names itself to others"
    help     = "Empty: relay at your cloud's domain."
    type     = "string"
    pattern  = "[A-Za-z0-9.-]*"
    advanced = true
  }
  setting "smtp_host" {
    title   = "Mail server to pass it on to"
    help    = "Your provider's. Empty: deliver to the recipients' servers directly."
    type    = "string"
    pattern = "[A-Za-z0-9.-]*"
  }
  setting "smtp_port" {
    title   = "Its port"
    type    = "number"
    default = 587
    min     = 1
    max     = 65535
  }
  setting "smtp_security" {
    title   = "Encryption of the way there"
    help    = "starttls is usual on port 587, tls on port 465."
    type    = "choice"
    choices = ["starttls", "tls", "none"]
    default = "starttls"
  }
  setting "smtp_username" {
    title = "Name there"
    type  = "string"
  }
  setting "smtp_password" {
    title = "Password there"
    type  = "password"
  }
  secret "relay_password" {
    title  = "Password of relay"
    reveal = true
  }

  service "postfix" {
    image = "docker.io/boky/postfix:v5.1.0"
    env = {
      # The image would let anybody through who names a sender of an allowed
      # domain; here only who signs in passes.
      ALLOW_EMPTY_SENDER_DOMAINS           = "true"
      POSTFIX_smtpd_relay_restrictions     = "permit_sasl_authenticated,reject"
      POSTFIX_smtpd_recipient_restrictions = "permit_sasl_authenticated,reject"
      POSTFIX_mynetworks                   = "127.0.0.0/8"
      SMTPD_SASL_USERS                     = "relay@${pool.domain}:${secret.relay_password}"
      POSTFIX_myhostname                   = setting.hostname != "" ? setting.hostname : "relay.${pool.domain}"
      DKIM_AUTOGENERATE                    = setting.sender_domains != "" ? "true" : null
      # The image takes the domains to sign for from here; the restrictions above still hold.
      ALLOWED_SENDER_DOMAINS          = setting.sender_domains != "" ? setting.sender_domains : null
      TZ                              = pool.timezone
      RELAYHOST                       = setting.smtp_host != "" ? "[${setting.smtp_host}]:${setting.smtp_port}" : null
      RELAYHOST_USERNAME              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_username : null
      RELAYHOST_PASSWORD              = setting.smtp_host != "" && setting.smtp_username != "" ? setting.smtp_password : null
      POSTFIX_smtp_tls_security_level = setting.smtp_host != "" ? setting.smtp_security == "none" ? "may" : "encrypt" : null
      POSTFIX_smtp_tls_wrappermode    = setting.smtp_host != "" ? setting.smtp_security == "tls" ? "yes" : "no" : null
    }
    port "submission" {
      port  = 587
      host  = 1587
      title = "Mail to send on"
    }
    volume "spool" {
      path  = "/var/spool/postfix"
      owner = "0:0"
      mode  = "0755"
    }
    volume "keys" {
      path  = "/etc/opendkim/keys"
      owner = "0:0"
      mode  = "0755"
    }
    health {
      command  = ["/scripts/healthcheck.sh"]
      interval = 30
    }
    stop_timeout = 15
    resources {
      cpu    = 50
      memory = 96
    }
  }
}
