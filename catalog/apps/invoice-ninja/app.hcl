app "invoice-ninja" {
  title         = "Invoice Ninja"
  tagline       = "Offers, bills and who has paid"
  description   = "Write bills that look good, send them, remind by itself, take payments, and keep time, costs and customers beside them. Made for people who work for themselves and small firms."
  category      = "finance"
  version       = "5.13.33"
  website       = "https://invoiceninja.com"
  source        = "https://github.com/invoiceninja/invoiceninja"
  license       = "Elastic-2.0"
  architectures = ["amd64", "arm64"]
  min_memory    = 1536
  min_disk      = 1024
  notes         = "Sign in with the e-mail address that you gave and the password that was made for you. It sends bills by mail, so give it a mail server."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    type     = "email"
    required = true
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
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "app_key" {
    bytes   = 32
    charset = "base64"
  }
  secret "db_password" {}

  service "web" {
    image = "docker.io/library/nginx:1.29.4-alpine"
    after = ["app"]
    file "/etc/nginx/conf.d/default.conf" {
      content = <<-EOT
      server {
        listen 80 default_server;
        root /var/www/html/public;
        index index.php;
        charset utf-8;
        server_tokens off;
        client_max_body_size 32M;
        location / {
          try_files $uri $uri/ /index.php?$query_string;
        }
        error_page 404 /index.php;
        location ~ \.php$ {
          include fastcgi_params;
          fastcgi_pass ${service.app.host}:${service.app.port};
          fastcgi_param SCRIPT_FILENAME $realpath_root$fastcgi_script_name;
          fastcgi_buffers 32 16K;
          fastcgi_read_timeout 120s;
        }
        location ~ /\.(?!well-known) {
          deny all;
        }
      }
    EOT
    }
    volume "public" {
      path      = "/var/www/html/public"
      from      = "app"
      read_only = true
    }
    volume "storage" {
      path      = "/var/www/html/storage"
      from      = "app"
      read_only = true
    }
    expose "web" {
      port   = 80
      access = "app"
      health {}
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 128
    }
  }

  service "app" {
    image = "docker.io/invoiceninja/invoiceninja-debian:5.13.33"
    after = ["db", "redis"]
    port  = 9000
    env = {
      APP_ENV           = "production"
      APP_DEBUG         = "false"
      APP_KEY           = "base64:${secret.app_key}"
      APP_URL           = app.url
      CACHE_DRIVER      = "redis"
      DB_HOST           = service.db.host
      DB_PORT           = service.db.port
      DB_DATABASE       = "invoiceninja"
      DB_USERNAME       = "invoiceninja"
      DB_PASSWORD       = secret.db_password
      FILESYSTEM_DISK   = "debian_docker"
      IN_USER_EMAIL     = setting.admin_email
      IN_PASSWORD       = secret.admin_password
      IS_DOCKER         = "true"
      MAIL_MAILER       = setting.smtp_host != "" ? "smtp" : "log"
      MAIL_HOST         = setting.smtp_host != "" ? setting.smtp_host : null
      MAIL_PORT         = setting.smtp_host != "" ? setting.smtp_port : null
      MAIL_ENCRYPTION   = setting.smtp_host != "" && setting.smtp_security != "none" ? (setting.smtp_security == "tls" ? "ssl" : "tls") : null
      MAIL_USERNAME     = setting.smtp_username != "" ? setting.smtp_username : null
      MAIL_PASSWORD     = setting.smtp_username != "" ? setting.smtp_password : null
      MAIL_FROM_ADDRESS = setting.smtp_from != "" ? setting.smtp_from : setting.admin_email
      MAIL_FROM_NAME    = "Invoice Ninja"
      PDF_GENERATOR     = "snappdf"
      QUEUE_CONNECTION  = "redis"
      REDIS_HOST        = service.redis.host
      REDIS_PORT        = service.redis.port
      REQUIRE_HTTPS     = "false"
      SESSION_DRIVER    = "redis"
      TRUSTED_PROXIES   = "*"
    }
    volume "public" {
      path  = "/var/www/html/public"
      owner = "33:33"
      mode  = "0755"
      kind  = "data"
    }
    volume "storage" {
      path  = "/var/www/html/storage"
      owner = "33:33"
      mode  = "0755"
      kind  = "data"
    }
    resources {
      cpu        = 300
      memory     = 384
      memory_max = 1536
    }
  }

  service "redis" {
    image   = "docker.io/library/redis:8.2.2-alpine"
    port    = 6379
    command = ["redis-server", "--appendonly", "yes"]
    volume "data" {
      path  = "/data"
      owner = "999:1000"
      kind  = "database"
    }
    health { command = ["redis-cli", "ping"] }
    backup { command = ["redis-cli", "--rdb", "-"] }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 256
    }
  }

  service "db" {
    image = "docker.io/library/mariadb:11.8.2"
    port  = 3306
    env = {
      MARIADB_AUTO_UPGRADE         = "1"
      MARIADB_DATABASE             = "invoiceninja"
      MARIADB_USER                 = "invoiceninja"
      MARIADB_PASSWORD             = secret.db_password
      MARIADB_RANDOM_ROOT_PASSWORD = "1"
    }
    volume "data" {
      path  = "/var/lib/mysql"
      owner = "999:999"
      kind  = "database"
    }
    health { command = ["healthcheck.sh", "--connect", "--innodb_initialized"] }
    backup { command = ["sh", "-c", "exec mariadb-dump --single-transaction -u invoiceninja -p\"$MARIADB_PASSWORD\" invoiceninja"] }
    stop_timeout = 60
    resources {
      cpu        = 100
      memory     = 256
      memory_max = 768
    }
  }
}
