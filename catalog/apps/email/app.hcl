app "email" {
  title         = "Email"
  tagline       = "Your own mail, with addresses at your own name"
  description   = "A whole mail server in one piece: it receives, sends, signs and filters your mail, and you read and write it in the browser or with any mail program. It runs mox, which knows the rules by which today's mail servers trust each other, and tells you what your domain still lacks."
  category      = "communication"
  version       = "0.0.15"
  website       = "https://www.xmox.nl"
  source        = "https://github.com/mjl-/mox"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "Sign in with your whole e-mail address and the password that was made for you. Then open /admin/ with the administrator's password, choose your domain, and enter the DNS records that it lists at the place where your domain is kept; without them other servers do not find yours or do not believe it. Ask whoever gives you the internet connection to let port 25 through, or give a mail server to send through. More accounts and addresses are made under /admin/, and your own settings are under /account/. Mail programs use port 993 to read and 465 to send, or 143 and 587 where your cloud has no certificate."

  setting "username" {
    title   = "Your name"
    help    = "What stands before the @ of your first address. Used once, when the first account is made."
    type    = "string"
    default = "me"
    pattern = "[a-z0-9][a-z0-9._-]{0,62}"
  }
  setting "mail_domain" {
    title   = "What stands behind the @"
    help    = "Empty: your cloud's domain. Used once; further domains are added under /admin/."
    type    = "string"
    pattern = "([a-z0-9-]+\\.)*[a-z0-9-]*"
  }
  setting "acme" {
    title    = "Get a certificate for mail programs"
    help     = "From Let's Encrypt, if your cloud is reached by https. Without it the way between mail programs and your server is not encrypted."
    type     = "bool"
    default  = true
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
  secret "account_password" {
    title  = "Your first password"
    reveal = true
  }
  secret "admin_password" {
    title  = "Administrator's password, for /admin/"
    reveal = true
  }

  service "mail" {
    image      = "r.xmox.nl/mox:v0.0.15"
    entrypoint = ["/bin/sh", "/opt/start.sh"]
    workdir    = "/mox"
    env = {
      MOX_DOCKER       = "yes"
      ACCOUNT          = setting.username
      ACCOUNT_PASSWORD = secret.account_password
      ADMIN_PASSWORD   = secret.admin_password
      TZ               = pool.timezone
    }
    # mox.conf is written anew at each start; domains.conf and the keys are made
    # once, and are then mox's own to change. Passwords can be set only while
    # it runs, and are set once, so that the person's later choice stays.
    file "/opt/start.sh" {
      content = <<-EOT
        set -eu
        cd /mox
        umask 077
        mkdir -p config/dkim data
        cp /opt/mox.conf config/mox.conf
        if [ ! -s config/domains.conf ]; then
          mox dkim genrsa > config/dkim/dcloud1.rsa2048.privatekey.pkcs8.pem
          mox dkim gened25519 > config/dkim/dcloud2.ed25519.privatekey.pkcs8.pem
          cp /opt/domains.conf config/domains.conf
        fi
        if [ ! -s config/adminpasswd ]; then
          printf '%s\n' "$ADMIN_PASSWORD" | mox setadminpassword > /dev/null
        fi
        if [ ! -e data/.first-account-made ]; then
          rm -f data/ctl
          (
            until [ -S data/ctl ]; do sleep 1; done
            until printf '%s\n' "$ACCOUNT_PASSWORD" | mox setaccountpassword "$ACCOUNT" > /dev/null; do sleep 1; done
            touch data/.first-account-made
          ) &
        fi
        unset ACCOUNT_PASSWORD ADMIN_PASSWORD
        exec mox serve
      EOT
    }
    # Its format indents with tabs. Behind https at the usual port the front
    # door passes on the proof that Let's Encrypt asks for by http; elsewhere
    # there is no certificate, and mail programs use the plain ports.
    file "/opt/mox.conf" {
      mode    = "0600"
      content = <<EOT
DataDir: ../data
User: 1000
LogLevel: info
Hostname: ${app.host}
AdminPasswordFile: adminpasswd
${setting.acme && app.url == "https://${app.host}" ? "ACME:\n\tletsencrypt:\n\t\tDirectoryURL: https://acme-v02.api.letsencrypt.org/directory\n\t\tContactEmail: postmaster@${setting.mail_domain != "" ? setting.mail_domain : pool.domain}\n\t\tIssuerDomainName: letsencrypt.org\n" : ""}Listeners:
	public:
		IPs:
			- 0.0.0.0
		Hostname: ${app.host}
${setting.acme && app.url == "https://${app.host}" ? "\t\tTLS:\n\t\t\tACME: letsencrypt\n\t\tSubmissions:\n\t\t\tEnabled: true\n\t\tIMAPS:\n\t\t\tEnabled: true\n" : ""}		SMTP:
			Enabled: true
			NoSTARTTLS: ${!(setting.acme && app.url == "https://${app.host}")}
		Submission:
			Enabled: true
			NoRequireSTARTTLS: ${!(setting.acme && app.url == "https://${app.host}")}
		IMAP:
			Enabled: true
			NoRequireSTARTTLS: ${!(setting.acme && app.url == "https://${app.host}")}
		WebmailHTTP:
			Enabled: true
			Port: 8080
			Path: /
			Forwarded: true
		AccountHTTP:
			Enabled: true
			Port: 8080
			Path: /account/
			Forwarded: true
		AdminHTTP:
			Enabled: true
			Port: 8080
			Path: /admin/
			Forwarded: true
		WebAPIHTTP:
			Enabled: true
			Port: 8080
			Path: /webapi/
			Forwarded: true
Transports:
	out:
${setting.smtp_host == "" ? "\t\tDirect:\n\t\t\tDisableIPv6: false\n" : ""}${setting.smtp_host != "" ? "\t\t${setting.smtp_security == "tls" ? "Submissions" : "Submission"}:\n\t\t\tHost: ${setting.smtp_host}\n\t\t\tPort: ${setting.smtp_port}\n\t\t\tNoSTARTTLS: ${setting.smtp_security == "none"}\n" : ""}${setting.smtp_host != "" && setting.smtp_username != "" ? "\t\t\tAuth:\n\t\t\t\tUsername: ${setting.smtp_username}\n\t\t\t\tPassword: ${setting.smtp_password}\n" : ""}Postmaster:
	Account: ${setting.username}
	Mailbox: Postmaster
HostTLSRPT:
	Account: ${setting.username}
	Mailbox: TLSRPT
	Localpart: tlsreports
EOT
    }
    file "/opt/domains.conf" {
      content = <<EOT
Domains:
	${setting.mail_domain != "" ? setting.mail_domain : pool.domain}:
		ClientSettingsDomain: ${app.host}
		LocalpartCatchallSeparator: +
		DKIM:
			Selectors:
				dcloud1:
					Expiration: 72h
					PrivateKeyFile: dkim/dcloud1.rsa2048.privatekey.pkcs8.pem
				dcloud2:
					Expiration: 72h
					PrivateKeyFile: dkim/dcloud2.ed25519.privatekey.pkcs8.pem
			Sign:
				- dcloud1
				- dcloud2
		DMARC:
			Account: ${setting.username}
			Localpart: dmarcreports
			Mailbox: DMARC
		TLSRPT:
			Account: ${setting.username}
			Localpart: tlsreports
			Mailbox: TLSRPT
Accounts:
	${setting.username}:
		Domain: ${setting.mail_domain != "" ? setting.mail_domain : pool.domain}
		Destinations:
			${setting.username}@${setting.mail_domain != "" ? setting.mail_domain : pool.domain}: nil
		RejectsMailbox: Rejects
		AutomaticJunkFlags:
			Enabled: true
			JunkMailboxRegexp: ^(junk|spam)
			NeutralMailboxRegexp: ^(inbox|neutral|postmaster|dmarc|tlsrpt|rejects)
		JunkFilter:
			Threshold: 0.950000
			Params:
				Onegrams: true
				MaxPower: 0.010000
				TopWords: 10
				IgnoreWords: 0.100000
				RareWords: 2
Routes:
	-
		Transport: out
EOT
    }
    volume "config" {
      path  = "/mox/config"
      owner = "1000:0"
    }
    volume "data" {
      path  = "/mox/data"
      owner = "1000:0"
      kind  = "database"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/" }
    }
    port "smtp" {
      port  = 25
      title = "Mail from other servers"
    }
    port "submissions" {
      port  = 465
      title = "Mail programs that send"
    }
    port "submission" {
      port  = 587
      title = "Mail programs that send, the older way"
    }
    port "imap" {
      port  = 143
      title = "Mail programs that read, the older way"
    }
    port "imaps" {
      port  = 993
      title = "Mail programs that read"
    }
    init         = true
    stop_timeout = 30
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 768
    }
  }
}
