app "keycloak" {
  title         = "Keycloak"
  tagline       = "One account for all your apps, as large places do it"
  description   = "People and groups, sign-in with a second factor or through other providers, and OpenID Connect and SAML for the apps that ask it who somebody is."
  category      = "security"
  version       = "26.6.3"
  website       = "https://www.keycloak.org"
  source        = "https://github.com/keycloak/keycloak"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 1536
  min_disk      = 1024
  notes         = "The first start takes some minutes. Sign in as admin with the password that was made for you; then make an administrator of your own in the realm master, as Keycloak asks, and delete this one. Make a realm of its own for your people."

  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }
  secret "db_password" {}

  service "web" {
    image   = "quay.io/keycloak/keycloak:26.6.3"
    after   = ["db"]
    command = ["start"]
    env = {
      KC_BOOTSTRAP_ADMIN_USERNAME = "admin"
      KC_BOOTSTRAP_ADMIN_PASSWORD = secret.admin_password
      KC_DB                       = "postgres"
      KC_DB_URL                   = "jdbc:postgresql://${service.db.host}:${service.db.port}/keycloak"
      KC_DB_USERNAME              = "keycloak"
      KC_DB_PASSWORD              = secret.db_password
      KC_HOSTNAME                 = app.url
      KC_HTTP_ENABLED             = "true"
      KC_HTTP_PORT                = "8080"
      KC_PROXY_HEADERS            = "xforwarded"
      KC_CACHE                    = "local"
      TZ                          = pool.timezone
    }
    expose "web" {
      port   = 8080
      access = "app"
      health {
        path     = "/realms/master"
        interval = 30
        timeout  = 10
      }
    }
    stop_timeout = 30
    resources {
      cpu        = 500
      memory     = 768
      memory_max = 1536
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "keycloak"
      POSTGRES_DB       = "keycloak"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "keycloak"] }
    backup { command = ["pg_dump", "-U", "keycloak", "keycloak"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
