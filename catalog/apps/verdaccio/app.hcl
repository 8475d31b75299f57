app "verdaccio" {
  title         = "Verdaccio"
  tagline       = "Your own npm registry"
  description   = "Publish packages that stay among you, and keep a copy of those that you fetch from the public registry, so that builds go on when it does not answer."
  category      = "development"
  version       = "6.10.4"
  website       = "https://verdaccio.org"
  source        = "https://github.com/verdaccio/verdaccio"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 256
  min_disk      = 2048
  notes         = "Sign in as admin with the password that was made for you, on the page or with npm login --registry and this address. Nobody else can make an account; more are lines in the htpasswd file of its storage."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }

  service "web" {
    image = "docker.io/verdaccio/verdaccio:6.10.4"
    after = ["account"]
    env = {
      VERDACCIO_PUBLIC_URL = app.url
    }
    file "/verdaccio/conf/config.yaml" {
      content = <<-EOT
      storage: /verdaccio/storage/data
      plugins: /verdaccio/plugins
      web:
        title: Verdaccio
      auth:
        htpasswd:
          file: /verdaccio/storage/htpasswd
          max_users: -1
      uplinks:
        npmjs:
          url: https://registry.npmjs.org/
      # Also while the public registry does not answer.
      publish:
        allow_offline: true
      packages:
        "@*/*":
          access: $authenticated
          publish: $authenticated
          unpublish: $authenticated
          proxy: npmjs
        "**":
          access: $authenticated
          publish: $authenticated
          unpublish: $authenticated
          proxy: npmjs
      server:
        keepAliveTimeout: 60
        trustProxy: "loopback,linklocal,uniquelocal"
      log: { type: stdout, format: pretty, level: warn }
    EOT
    }
    volume "storage" {
      path  = "/verdaccio/storage"
      owner = "10001:65533"
      kind  = "data"
    }
    expose "web" {
      port   = 4873
      access = "app"
      health { path = "/-/ping" }
    }
    resources {
      cpu        = 100
      memory     = 128
      memory_max = 512
    }
  }

  # Makes the first account before anything listens.
  service "account" {
    image      = "docker.io/verdaccio/verdaccio:6.10.4"
    entrypoint = ["/bin/sh", "-ec"]
    command = [<<-EOT
      if [ ! -f /verdaccio/storage/htpasswd ]; then
        node -e '
          const sum = require("crypto").createHash("sha1").update(process.env.ADMIN_PASSWORD).digest("base64");
          require("fs").writeFileSync("/verdaccio/storage/htpasswd", "admin:{SHA}" + sum + ":autocreated\n", { mode: 0o600 });
        '
      fi
    EOT
    ]
    once = true
    env = {
      ADMIN_PASSWORD = secret.admin_password
    }
    volume "storage" {
      path = "/verdaccio/storage"
      from = "web"
    }
    resources {
      cpu        = 50
      memory     = 64
      memory_max = 128
    }
  }
}
