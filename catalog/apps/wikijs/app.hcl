app "wikijs" {
  title         = "Wiki.js"
  tagline       = "A handsome wiki for your team or family"
  description   = "Write pages with a visual editor, in Markdown or in HTML, and decide group by group who reads and who writes. It can keep a copy of all pages in a Git repository and let people sign in with accounts that they have elsewhere."
  category      = "notes"
  version       = "2.5.314"
  website       = "https://js.wiki"
  source        = "https://github.com/requarks/wiki"
  license       = "AGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 1024
  notes         = "Open it right away: the first visitor makes the administrator's account; give this cloud's address as the site's when asked. Mail is set up in the administration area, under Mail."

  secret "db_password" {}

  service "web" {
    image = "ghcr.io/requarks/wiki:2.5.314"
    after = ["db"]
    env = {
      DB_HOST = service.db.host
      DB_NAME = "wiki"
      DB_PASS = secret.db_password
      DB_PORT = service.db.port
      DB_TYPE = "postgres"
      DB_USER = "wiki"
      TZ      = pool.timezone
    }
    # Copies of pages for Git or a disk; the pages themselves are in the database.
    volume "content" {
      path  = "/wiki/data/content"
      owner = "1000:1000"
      kind  = "data"
    }
    expose "web" {
      port   = 3000
      access = "app"
      # Before the site is set up, every path answers with the setup page.
      health {
        path    = "/healthz"
        timeout = 10
      }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 256
      memory_max = 1024
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "wiki"
      POSTGRES_DB       = "wiki"
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
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "wiki"] }
    backup { command = ["pg_dump", "-U", "wiki", "wiki"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu    = 100
      memory = 192
    }
  }
}
