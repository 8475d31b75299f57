app "pocketbase" {
  title         = "PocketBase"
  tagline       = "A backend for your own apps, in one file"
  description   = "A database with live updates, sign-in, file storage and an admin page, ready for the app or site that you are writing. Add collections by clicking and read them from JavaScript or Dart."
  category      = "development"
  version       = "0.39.11"
  website       = "https://pocketbase.io"
  source        = "https://github.com/pocketbase/pocketbase"
  license       = "MIT"
  architectures = ["amd64", "arm64", "arm"]
  default_user  = "the e-mail address that you gave"
  min_memory    = 128
  min_disk      = 256
  notes         = "Open /_/ and sign in with the e-mail address that you gave and the password that was made for you. That password is set again at every start, so make a second administrator if you want one of your own. Files in the folder \"web/public\" that this app's status names (dcloud app status pocketbase) are served as a website."

  setting "admin_email" {
    title    = "Administrator's e-mail address"
    help     = "You sign in with it. No mail is sent to it."
    type     = "email"
    required = true
  }
  secret "admin_password" {
    title  = "Administrator's password"
    reveal = true
  }

  service "web" {
    image = "ghcr.io/muchobien/pocketbase:0.39.11"
    user  = "1000:1000"
    env = {
      PB_ADMIN_EMAIL    = setting.admin_email
      PB_ADMIN_PASSWORD = secret.admin_password
      PB_PORT           = "8090"
    }
    volume "data" {
      path  = "/pb_data"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "public" {
      path  = "/pb_public"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "data"
    }
    volume "hooks" {
      path  = "/pb_hooks"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 8090
      access = "app"
      health { path = "/api/health" }
    }
    stop_timeout = 15
    resources {
      cpu    = 100
      memory = 64
    }
  }
}
