app "elasticsearch" {
  title         = "Elasticsearch with Kibana and Logstash"
  tagline       = "Search and watch everything that your machines write"
  description   = "Keep logs, measurements and documents in one place, find anything in them within moments, and draw what you find as charts and maps. Logstash takes in what your programs send, Elasticsearch keeps it, and Kibana shows it."
  category      = "search"
  version       = "9.2.4"
  website       = "https://www.elastic.co"
  source        = "https://github.com/elastic/elasticsearch"
  license       = "AGPL-3.0-only OR Elastic-2.0 OR SSPL-1.0"
  architectures = ["amd64", "arm64"]
  default_user  = "elastic"
  min_memory    = 4096
  min_disk      = 10240
  notes         = "Sign in to Kibana as elastic with the password that was made for you. Elasticsearch itself answers at the address that begins with api-, for the same account. Logstash takes JSON at the address that begins with logs-: post to it as the user logstash with the password for sending, and find it in Kibana under the data view logs-*."

  secret "elastic_password" {
    title  = "Password of the user elastic"
    reveal = true
  }
  secret "sending_password" {
    title  = "Password for sending to Logstash (user logstash)"
    reveal = true
  }
  secret "kibana_password" {}
  secret "writer_password" {}
  secret "kibana_security_key" { length = 64 }
  secret "kibana_objects_key" { length = 64 }
  secret "kibana_reporting_key" { length = 64 }

  service "kibana" {
    image = "docker.elastic.co/kibana/kibana:9.2.4"
    after = ["accounts"]
    env = {
      ELASTICSEARCH_HOSTS                       = "http://${service.elasticsearch.host}:${service.elasticsearch.port}"
      ELASTICSEARCH_USERNAME                    = "kibana_system"
      ELASTICSEARCH_PASSWORD                    = secret.kibana_password
      NODE_OPTIONS                              = "--max-old-space-size=1024"
      SERVER_HOST                               = "0.0.0.0"
      SERVER_PUBLICBASEURL                      = app.url
      TELEMETRY_OPTIN                           = "false"
      XPACK_ENCRYPTEDSAVEDOBJECTS_ENCRYPTIONKEY = secret.kibana_objects_key
      XPACK_REPORTING_ENCRYPTIONKEY             = secret.kibana_reporting_key
      XPACK_SECURITY_ENCRYPTIONKEY              = secret.kibana_security_key
    }
    volume "data" {
      path  = "/usr/share/kibana/data"
      owner = "1000:0"
      mode  = "0770"
      kind  = "cache"
    }
    expose "web" {
      port   = 5601
      access = "app"
      health {
        path    = "/api/status"
        timeout = 10
      }
    }
    resources {
      cpu        = 300
      memory     = 768
      memory_max = 2048
    }
  }

  service "logstash" {
    image = "docker.elastic.co/logstash/logstash:9.2.4"
    after = ["accounts"]
    env = {
      LS_JAVA_OPTS               = "-Xms256m -Xmx512m"
      PIPELINE_ECS_COMPATIBILITY = "v8"
      SENDING_PASSWORD           = secret.sending_password
      WRITER_PASSWORD            = secret.writer_password
      XPACK_MONITORING_ENABLED   = "false"
    }
    file "/usr/share/logstash/pipeline/logstash.conf" {
      content = <<-EOT
      input {
        http {
          host => "0.0.0.0"
          port => 8080
          user => "logstash"
          password => "$${SENDING_PASSWORD}"
        }
      }
      output {
        elasticsearch {
          hosts => ["http://${service.elasticsearch.host}:${service.elasticsearch.port}"]
          user => "logstash_writer"
          password => "$${WRITER_PASSWORD}"
          data_stream => true
        }
      }
    EOT
    }
    volume "data" {
      path  = "/usr/share/logstash/data"
      owner = "1000:0"
      mode  = "0770"
      kind  = "data"
    }
    expose "logs" {
      port      = 8080
      access    = "app"
      subdomain = "logs"
    }
    health {
      command  = ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:9600"]
      interval = 30
      timeout  = 10
    }
    stop_timeout = 60
    resources {
      cpu        = 200
      memory     = 640
      memory_max = 1536
    }
  }

  # Gives Kibana's and Logstash's own accounts their passwords, each time anew.
  service "accounts" {
    image      = "docker.elastic.co/elasticsearch/elasticsearch:9.2.4"
    entrypoint = ["/bin/bash", "-ec"]
    command = [<<-EOT
      ask() {
        printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD" |
          curl -fsS -K - -X "$1" -H 'Content-Type: application/json' -d "$3" "$ELASTICSEARCH_URL/$2"
      }
      tries=0
      until ask POST _security/user/kibana_system/_password "{\"password\":\"$KIBANA_PASSWORD\"}"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then exit 1; fi
        sleep 3
      done
      ask PUT _security/role/logstash_writer '{"cluster":["monitor","manage_index_templates","manage_ilm"],"indices":[{"names":["logs-*","metrics-*"],"privileges":["auto_configure","create_doc","create_index","view_index_metadata"]}]}'
      ask PUT _security/user/logstash_writer "{\"password\":\"$WRITER_PASSWORD\",\"roles\":[\"logstash_writer\"]}"
    EOT
    ]
    once  = true
    after = ["elasticsearch"]
    env = {
      ELASTICSEARCH_URL = "http://${service.elasticsearch.host}:${service.elasticsearch.port}"
      ELASTIC_PASSWORD  = secret.elastic_password
      KIBANA_PASSWORD   = secret.kibana_password
      WRITER_PASSWORD   = secret.writer_password
    }
    resources {
      cpu        = 50
      memory     = 32
      memory_max = 128
    }
  }

  service "elasticsearch" {
    image = "docker.elastic.co/elasticsearch/elasticsearch:9.2.4"
    port  = 9200
    env = {
      ELASTIC_PASSWORD          = secret.elastic_password
      ES_JAVA_OPTS              = "-Xms1g -Xmx1g"
      ES_SETTING_DISCOVERY_TYPE = "single-node"
      # Without it the host would need a kernel setting (vm.max_map_count).
      ES_SETTING_NODE_STORE_ALLOW__MMAP               = "false"
      ES_SETTING_XPACK_SECURITY_ENABLED               = "true"
      ES_SETTING_XPACK_SECURITY_ENROLLMENT_ENABLED    = "false"
      ES_SETTING_XPACK_SECURITY_HTTP_SSL_ENABLED      = "false"
      ES_SETTING_XPACK_SECURITY_TRANSPORT_SSL_ENABLED = "false"
    }
    volume "data" {
      path  = "/usr/share/elasticsearch/data"
      owner = "1000:0"
      mode  = "0770"
      kind  = "database"
    }
    expose "api" {
      port      = 9200
      access    = "app"
      subdomain = "api"
    }
    health {
      command  = ["sh", "-c", "printf 'user = \"elastic:%s\"' \"$ELASTIC_PASSWORD\" | curl -fsS -o /dev/null -K - http://127.0.0.1:9200/_cluster/health"]
      interval = 30
      timeout  = 10
    }
    stop_timeout = 120
    resources {
      cpu        = 500
      memory     = 1536
      memory_max = 3072
    }
  }
}
