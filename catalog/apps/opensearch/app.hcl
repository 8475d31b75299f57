app "opensearch" {
  title         = "OpenSearch with Dashboards"
  tagline       = "A search engine and its charts, free for every use"
  description   = "Store documents, logs and measurements, search them in full text, and turn the answers into charts. It grew out of Elasticsearch, most of whose tools talk to it, and its security parts are included."
  category      = "search"
  version       = "3.5.0"
  website       = "https://opensearch.org"
  source        = "https://github.com/opensearch-project/OpenSearch"
  license       = "Apache-2.0"
  architectures = ["amd64", "arm64"]
  default_user  = "admin"
  min_memory    = 3072
  min_disk      = 10240
  notes         = "Sign in to Dashboards as admin with the password that was made for you. Programs reach OpenSearch at this app's second address, which begins with api-, with the same account; make them accounts of their own under Security."

  secret "admin_password" {
    title  = "Password of the user admin"
    reveal = true
  }
  secret "dashboards_password" {}
  secret "cookie_key" { length = 64 }

  service "dashboards" {
    image = "docker.io/opensearchproject/opensearch-dashboards:3.5.0"
    after = ["opensearch"]
    file "/usr/share/opensearch-dashboards/config/opensearch_dashboards.yml" {
      content = <<-EOT
      server.name: opensearch-dashboards
      server.host: "0.0.0.0"
      opensearch.hosts: ["http://${service.opensearch.host}:${service.opensearch.port}"]
      opensearch.username: kibanaserver
      opensearch.password: "${secret.dashboards_password}"
      opensearch.requestHeadersAllowlist: [authorization, securitytenant]
      opensearch_security.multitenancy.enabled: true
      opensearch_security.multitenancy.tenants.preferred: [Private, Global]
      opensearch_security.readonly_mode.roles: [kibana_read_only]
      opensearch_security.cookie.secure: ${trimprefix(app.url, "https://") != app.url ? "true" : "false"}
      opensearch_security.cookie.password: "${secret.cookie_key}"
    EOT
    }
    expose "web" {
      port   = 5601
      access = "app"
      health {}
    }
    resources {
      cpu        = 200
      memory     = 384
      memory_max = 1024
    }
  }

  service "opensearch" {
    image = "docker.io/opensearchproject/opensearch:3.5.0"
    port  = 9200
    # The image knows accounts with passwords that everybody can read up
    # (readall, logstash, …). Only the two that are needed are left, with
    # passwords of this cloud. They are taken over when the data is new.
    entrypoint = ["/bin/bash", "-ec"]
    command = [<<-EOT
      cd /usr/share/opensearch
      hash() { bash plugins/opensearch-security/tools/hash.sh -env "$1" | tail -n 1; }
      cat > config/opensearch-security/internal_users.yml <<END
      _meta:
        type: "internalusers"
        config_version: 2
      admin:
        hash: "$(hash ADMIN_PASSWORD)"
        reserved: true
        backend_roles: ["admin"]
        description: "Administrator"
      kibanaserver:
        hash: "$(hash DASHBOARDS_PASSWORD)"
        reserved: true
        description: "Dashboards"
      END
      exec env discovery.type=single-node node.store.allow_mmap=false \
        plugins.security.ssl.http.enabled=false ./opensearch-docker-entrypoint.sh
    EOT
    ]
    env = {
      ADMIN_PASSWORD                         = secret.admin_password
      DASHBOARDS_PASSWORD                    = secret.dashboards_password
      DISABLE_PERFORMANCE_ANALYZER_AGENT_CLI = "true"
      OPENSEARCH_JAVA_OPTS                   = "-Xms768m -Xmx768m"
    }
    volume "data" {
      path  = "/usr/share/opensearch/data"
      owner = "1000:1000"
      kind  = "database"
    }
    expose "api" {
      port      = 9200
      access    = "app"
      subdomain = "api"
    }
    health {
      command  = ["sh", "-c", "printf 'user = \"admin:%s\"' \"$ADMIN_PASSWORD\" | curl -fsS -o /dev/null -K - http://127.0.0.1:9200/_cluster/health"]
      interval = 30
      timeout  = 10
    }
    stop_timeout = 120
    resources {
      cpu        = 500
      memory     = 1280
      memory_max = 2560
    }
  }
}
