# Consul's configuration, written by dcloud at each start. Changes here are lost.

node_name          = "pi2"
node_id            = "22222222-2222-4222-8222-222222222222"
datacenter         = "home"
data_dir           = "/var/lib/dcloud/engines/consul"
server             = false

# Servers speak on the pool's network alone, clients on loopback alone.
bind_addr      = "10.213.0.4"
advertise_addr = "10.213.0.4"
client_addr    = "127.0.0.1"

# The pool's other servers, asked until one answers: the network among the machines
# may come up later than this.
retry_join     = ["10.213.0.1", "10.213.0.3"]
retry_interval = "2s"

# Loopback HTTP is plain: whoever could read it is root already, and tokens guard
# it. Nobody uses the rest: names are resolved elsewhere, there is no service mesh.
ports {
  http     = 8500
  https    = -1
  grpc     = -1
  grpc_tls = -1
  dns      = -1
  serf_wan = -1
}
connect {
  enabled = false
}
ui_config {
  enabled = false
}

# Mutual TLS between servers and agents, and only a server may act as one.
tls {
  defaults {
    ca_file         = "/var/lib/dcloud/pki/ca.pem"
    cert_file       = "/var/lib/dcloud/pki/consul.pem"
    key_file        = "/var/lib/dcloud/pki/consul.pem"
    verify_incoming = true
    verify_outgoing = true
  }
  internal_rpc {
    verify_server_hostname = true
  }
}
encrypt                 = "Y29uc3VsLWdvc3NpcC1rZXktb2YtMzItYnl0ZXMhISE="
encrypt_verify_incoming = true
encrypt_verify_outgoing = true

acl {
  enabled                  = true
  default_policy           = "deny"
  down_policy              = "extend-cache"
  enable_token_persistence = true
  tokens {
    agent              = "aaaaaaaa-0000-4000-8000-000000000002"
  }
}

# Stopping the process is no departure: apps and their routes stay.
leave_on_terminate     = false
skip_leave_on_interrupt = true

# Network coordinates are a write to disk every few seconds that nobody reads.
disable_coordinates = true

# Nothing runs on Consul's say, and nothing is told to anyone.
enable_script_checks        = false
enable_local_script_checks  = false
disable_remote_exec         = true
disable_update_check        = true
disable_anonymous_signature = true

log_level            = "INFO"
log_file             = "/var/lib/dcloud/logs/consul.log"
log_rotate_bytes     = 5242880
log_rotate_max_files = 2
