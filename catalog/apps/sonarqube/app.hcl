app "sonarqube" {
  title         = "SonarQube"
  tagline       = "Finds the weak places in your code"
  description   = "Reads your code with every change, and tells of bugs, leaks and what will be hard to maintain, in more than twenty languages."
  category      = "development"
  version       = "26.8.0.126808"
  website       = "https://www.sonarsource.com/products/sonarqube/"
  source        = "https://github.com/SonarSource/sonarqube"
  license       = "LGPL-3.0-only"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 4096
  min_disk      = 4096
  notes         = "Sign in as admin with the password admin; it asks you for a new one at once. Until you open it yourself, only your home network passes its front door."

  secret "db_password" {}

  service "web" {
    image = "docker.io/library/sonarqube:26.8.0.126808-community"
    after = ["db"]
    env = {
      SONAR_CORE_SERVERBASEURL = app.url
      SONAR_JDBC_URL           = "jdbc:postgresql://${service.db.host}:${service.db.port}/sonarqube"
      SONAR_JDBC_USERNAME      = "sonarqube"
      SONAR_JDBC_PASSWORD      = secret.db_password
      # The search engine inside would else ask the host for a kernel setting (vm.max_map_count).
      SONAR_ES_BOOTSTRAP_CHECKS_DISABLE = "true"
      SONAR_SEARCH_JAVAADDITIONALOPTS   = "-Dnode.store.allow_mmap=false"
      SONAR_TELEMETRY_ENABLE            = "false"
    }
    volume "data" {
      path  = "/opt/sonarqube/data"
      owner = "1000:0"
      mode  = "0770"
      kind  = "cache"
    }
    volume "extensions" {
      path  = "/opt/sonarqube/extensions"
      owner = "1000:0"
      mode  = "0770"
      kind  = "data"
    }
    volume "logs" {
      path  = "/opt/sonarqube/logs"
      owner = "1000:0"
      mode  = "0770"
      kind  = "cache"
    }
    # Nobody but you, since its first password is one that everybody knows.
    expose "web" {
      port   = 9000
      access = "private"
      health {
        path    = "/api/system/status"
        timeout = 10
      }
    }
    stop_timeout = 60
    resources {
      cpu        = 500
      memory     = 2048
      memory_max = 4096
    }
  }

  service "db" {
    image = "docker.io/library/postgres:17.2-alpine"
    port  = 5432
    env = {
      POSTGRES_USER     = "sonarqube"
      POSTGRES_DB       = "sonarqube"
      POSTGRES_PASSWORD = secret.db_password
    }
    volume "data" {
      path  = "/var/lib/postgresql/data"
      owner = "70:70"
      mode  = "0700"
      kind  = "database"
    }
    health { command = ["pg_isready", "-h", "127.0.0.1", "-U", "sonarqube"] }
    backup { command = ["pg_dump", "-U", "sonarqube", "sonarqube"] }
    shm_size     = 64
    stop_timeout = 30
    resources {
      cpu        = 100
      memory     = 192
      memory_max = 576
    }
  }
}
