app "drupal" {
  title         = "Drupal"
  tagline       = "Websites with much content and many authors"
  description   = "For sites that are more than a row of pages: your own kinds of content, views of them, several languages, rights for each author, and thousands of modules."
  category      = "web"
  version       = "11.3.8"
  website       = "https://www.drupal.org"
  source        = "https://git.drupalcode.org/project/drupal"
  license       = "GPL-2.0-or-later"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 1024
  min_disk      = 2048
  notes         = "Open it right away and go through its setup: choose PostgreSQL, enter drupal as the name of the database and of its user, the database's password that was made for you, and under advanced options the host 127.0.0.1. The last step makes the administrator's account."

  secret "db_password" {
    title  = "The database's password, which the setup asks for"
    reveal = true
  }

  service "web" {
    image = "docker.io/library/drupal:11.3.8-apache-bookworm"
    after = ["db"]
    # What the image brings in these directories would be hidden by a volume,
    # so they are moved into one.
    entrypoint = ["/bin/sh", "-c"]
    command    = ["for d in sites modules themes profiles; do [ -d /data/$d ] || cp -a /opt/drupal/web/$d /data/; rm -rf /opt/drupal/web/$d; ln -s /data/$d /opt/drupal/web/$d; done; exec docker-php-entrypoint apache2-foreground"]
    volume "data" {
      path  = "/data"
      owner = "33:33"
      mode  = "0755"
    }
    expose "web" {
      port   = 80
      access = "app"
      health {}
    }
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 768
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "drupal"
      POSTGRES_DB       = "drupal"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "drupal"] }
    backup { command = ["pg_dump", "-U", "drupal", "drupal"] }
    shm_size     = 128
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
