app "gitlab" {
  title         = "GitLab"
  tagline       = "The whole of software making in one place"
  description   = "Repositories, merge requests, issues, pipelines, packages and pages for teams. It brings its own database, queue and web server along, and wants a machine with memory to spare."
  category      = "development"
  version       = "19.3.0"
  website       = "https://about.gitlab.com"
  source        = "https://gitlab.com/gitlab-org/gitlab-foss"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "root"
  min_memory    = 6144
  min_disk      = 20480
  notes         = "The first start takes five to ten minutes. Sign in as root with the password that was made for you, then look under Admin, Settings, General, Sign-up restrictions whether strangers may make accounts. Clone over the web, or over SSH on port 2224."

  setting "root_email" {
    title   = "Administrator's e-mail address"
    type    = "email"
    default = "admin@localhost.localdomain"
  }
  setting "smtp_host" {
    title    = "Mail server"
    help     = "Leave it empty if it shall send no mail."
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
    title    = "Encryption to the mail server"
    type     = "choice"
    choices  = ["starttls", "tls", "none"]
    default  = "starttls"
    advanced = true
  }
  setting "smtp_username" {
    title    = "User name at the mail server"
    type     = "string"
    advanced = true
  }
  setting "smtp_password" {
    title    = "Password at the mail server"
    type     = "password"
    advanced = true
  }
  setting "smtp_from" {
    title    = "Address that mail comes from"
    type     = "email"
    advanced = true
  }
  secret "root_password" {
    title  = "Password of the user root"
    reveal = true
  }

  service "web" {
    image = "docker.io/gitlab/gitlab-ce:19.3.0-ce.0"
    env = {
      GITLAB_ROOT_PASSWORD = secret.root_password
      GITLAB_ROOT_EMAIL    = setting.root_email
      # Ruby, read at each start; it stands before what is in /etc/gitlab/gitlab.rb.
      GITLAB_OMNIBUS_CONFIG = <<-EOT
        external_url '${app.url}'
        nginx['listen_port'] = 80
        nginx['listen_https'] = false
        nginx['real_ip_trusted_addresses'] = ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']
        nginx['real_ip_header'] = 'X-Forwarded-For'
        letsencrypt['enable'] = false
        gitlab_rails['gitlab_shell_ssh_port'] = 2224
        gitlab_rails['time_zone'] = '${pool.timezone}'
        gitlab_rails['gitlab_signup_enabled'] = false
        puma['worker_processes'] = 2
        sidekiq['concurrency'] = 5
        prometheus_monitoring['enable'] = false
        gitlab_rails['smtp_enable'] = ${setting.smtp_host != "" ? "true" : "false"}
        gitlab_rails['smtp_address'] = '${setting.smtp_host}'
        gitlab_rails['smtp_port'] = ${setting.smtp_port}
        gitlab_rails['smtp_user_name'] = ENV['SMTP_USERNAME'] if ENV['SMTP_USERNAME']
        gitlab_rails['smtp_password'] = ENV['SMTP_PASSWORD'] if ENV['SMTP_USERNAME']
        gitlab_rails['smtp_authentication'] = 'login' if ENV['SMTP_USERNAME']
        gitlab_rails['smtp_enable_starttls_auto'] = ${setting.smtp_security == "starttls" ? "true" : "false"}
        gitlab_rails['smtp_tls'] = ${setting.smtp_security == "tls" ? "true" : "false"}
        gitlab_rails['gitlab_email_from'] = ENV['SMTP_FROM'] if ENV['SMTP_FROM']
      EOT
      SMTP_USERNAME         = setting.smtp_username != "" ? setting.smtp_username : null
      SMTP_PASSWORD         = setting.smtp_username != "" ? setting.smtp_password : null
      SMTP_FROM             = setting.smtp_from != "" ? setting.smtp_from : null
    }
    volume "config" {
      path = "/etc/gitlab"
      mode = "0755"
      kind = "data"
    }
    volume "logs" {
      path = "/var/log/gitlab"
      mode = "0755"
      kind = "cache"
    }
    volume "data" {
      path = "/var/opt/gitlab"
      mode = "0755"
      kind = "database"
    }
    expose "web" {
      port   = 80
      access = "app"
    }
    health {
      command  = ["/opt/gitlab/bin/gitlab-healthcheck", "--fail", "--max-time", "10"]
      interval = 60
      timeout  = 15
    }
    port "ssh" {
      port     = 22
      host     = 2224
      protocol = "tcp"
      title    = "Git over SSH"
    }
    shm_size     = 256
    stop_timeout = 120
    resources {
      cpu        = 1000
      memory     = 4096
      memory_max = 8192
    }
  }
}
