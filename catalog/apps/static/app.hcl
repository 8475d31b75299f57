app "static" {
  title         = "Static site"
  tagline       = "A website of your own files"
  description   = "Serves a folder of yours as a website: a home page, a photo album, a blog made with Hugo or Jekyll. No database, no login, hardly any memory. The server can read your files and cannot change them."
  category      = "web"
  version       = "1.30.4"
  website       = "https://nginx.org"
  source        = "https://github.com/nginx/docker-nginx-unprivileged"
  license       = "BSD-2-Clause"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 64
  min_disk      = 64
  notes         = "Put your files, with an index.html, into the folder \"web/site\" that this app's status names (dcloud app status static). It belongs to user 1000, usually the first person with an account on that machine, and needs no restart."

  setting "listing" {
    title   = "Show a list of files where a folder has no index.html"
    type    = "bool"
    default = false
  }
  setting "single_page" {
    title    = "Answer unknown paths with index.html"
    help     = "For apps that do their own routing in the browser."
    type     = "bool"
    default  = false
    advanced = true
  }

  service "web" {
    image = "docker.io/nginxinc/nginx-unprivileged:1.30.4-alpine-slim"

    file "/etc/nginx/conf.d/default.conf" {
      content = <<-EOT
        server {
          listen 8080;
          server_tokens off;
          # A redirect to a folder must not name this container's port.
          absolute_redirect off;
          root /usr/share/nginx/html;
          index index.html index.htm;
          autoindex ${setting.listing ? "on" : "off"};

          # Says that the server is well, also while the folder is empty.
          location = /.dcloud/health {
            access_log off;
            default_type text/plain;
            return 200 "ok\n";
          }
          # Repositories and editors leave things behind that nobody should read.
          location ~ /\.(?!well-known/) {
            return 404;
          }
          location / {
            try_files $uri $uri/ ${setting.single_page ? "/index.html" : "$uri.html"} =404;
          }
        }
      EOT
    }
    volume "site" {
      path      = "/usr/share/nginx/html"
      owner     = "1000:1000"
      mode      = "0755"
      kind      = "data"
      read_only = true
    }
    expose "web" {
      port   = 8080
      access = "public"
      health { path = "/.dcloud/health" }
    }
    resources {
      cpu    = 50
      memory = 32
    }
  }
}
