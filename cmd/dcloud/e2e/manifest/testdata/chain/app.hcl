# Each part of the manifest that only a running app can prove: order, names,
# directories, passwords.
app "chain" {
  title         = "Chain"
  tagline       = "Starts in order"
  category      = "tools"
  version       = "1.0"
  website       = "https://example.org"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  setting "smtp_host" { title = "Mail server" }
  setting "smtp_password" {
    title = "Mail server's password"
    type  = "password"
  }
  secret "app_key" {
    bytes   = 32
    charset = "base64"
  }
  secret "id" { charset = "uuid" }
  service "web" {
    image   = "docker.io/traefik/whoami:v1.12.0"
    command = ["--port", "8080"]
    after   = ["db", "migrate"]
    expose "web" {
      port   = 8080
      access = "public"
      health { path = "/health" }
    }
    resources { memory = 32 }
  }
  # Ends with an error as long as nobody listens at db.
  service "migrate" {
    image   = "docker.io/library/redis:8.2.2-alpine"
    once    = true
    after   = ["db"]
    command = ["redis-cli", "-h", "db", "-e", "incr", "migrations"]
    resources { memory = 32 }
  }
  # A database that takes its time, longer than three ends of migrate.
  service "db" {
    image   = "docker.io/library/redis:8.2.2-alpine"
    port    = 6379
    workdir = "/tmp"
    command = ["sh", "-c", "sleep 20; exec redis-server --protected-mode no --save ''"]
    env = {
      SMTP_HOST     = setting.smtp_host != "" ? setting.smtp_host : null
      SMTP_PASSWORD = setting.smtp_password
      APP_KEY       = secret.app_key
      ID            = secret.id
    }
    file "/etc/mail.conf" { content = "password=${setting.smtp_password}" }
    backup { command = ["redis-cli", "get", "migrations"] }
    resources { memory = 64 }
  }
}
