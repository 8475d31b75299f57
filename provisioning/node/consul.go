package node

import "fmt"

// ConsulAgentPolicy, NomadConsulPolicy and TraefikConsulPolicy are the least that
// each needs of Consul, in its ACL language
// (https://developer.hashicorp.com/consul/docs/reference/acl/rule).
const (
	// ConsulAgentPolicy lets an agent register its own node and read what its
	// anti-entropy compares. A node identity (Consul's templated policy) gives the
	// same for one node only: prefer it where the node is known.
	ConsulAgentPolicy = `node_prefix "" {
  policy = "write"
}
service_prefix "" {
  policy = "read"
}
`
	// NomadConsulPolicy lets Nomad find Consul (agent:read), see the node, and
	// register the services of apps, whose names are the apps' and so unknown here.
	NomadConsulPolicy = `agent_prefix "" {
  policy = "read"
}
node_prefix "" {
  policy = "read"
}
service_prefix "" {
  policy = "write"
}
`
	// TraefikConsulPolicy lets Traefik see services, their tags and their health.
	TraefikConsulPolicy = `node_prefix "" {
  policy = "read"
}
service_prefix "" {
  policy = "read"
}
`
)

// NodeConsulPolicy is what a machine of that name that joined may do in Consul: be
// itself, register the services of its apps, and read what its engines compare and
// route by. One token with it serves its Consul agent and its Nomad
// (SecretConsulAgent, SecretConsulNomad). An ingress has a second token for Traefik,
// with TraefikConsulPolicy. With the management token:
//
//	PUT /v1/acl/policy  {"Name": "dcloud-node-pi2", "Rules": NodeConsulPolicy("pi2")}
//	PUT /v1/acl/token   {"SecretID": UUID, "Description": "…", "Policies": [{"Name": "dcloud-node-pi2"}]}
//
// Services are named after apps, which are not known here: so a machine may register
// any, though only as running on itself.
func NodeConsulPolicy(name string) string {
	return fmt.Sprintf(`node %[1]q {
  policy = "write"
}
agent %[1]q {
  policy = "read"
}
node_prefix "" {
  policy = "read"
}
service_prefix "" {
  policy = "write"
}
`, name)
}

var consulTemplate = parseTemplate("consul.hcl", `# Consul's configuration, written by dcloud at each start. Changes here are lost.

node_name          = {{q .Node.Name}}
node_id            = {{q .Node.ID}}
datacenter         = {{q .Node.Datacenter}}
data_dir           = {{q (.Layout.EngineData "consul")}}
server             = {{.Node.IsServer}}
{{- if .Node.Alone}}
bootstrap_expect   = 1
{{- end}}

# Servers speak on the pool's network alone, clients on loopback alone.
bind_addr      = {{q .Pool}}
advertise_addr = {{q .Pool}}
client_addr    = "127.0.0.1"

{{if .Node.Servers -}}
# The pool's other servers, asked until one answers: the network among the machines
# may come up later than this.
retry_join     = {{addrs .Node.Servers}}
retry_interval = "2s"

{{end -}}
# Loopback HTTP is plain: whoever could read it is root already, and tokens guard
# it. Nobody uses the rest: names are resolved elsewhere, there is no service mesh.
ports {
  http     = {{.ConsulHTTPPort}}
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
    ca_file         = {{q .Layout.CACert}}
    cert_file       = {{q .CertConsul}}
    key_file        = {{q .CertConsul}}
    verify_incoming = true
    verify_outgoing = true
  }
  internal_rpc {
    verify_server_hostname = true
  }
}
encrypt                 = {{q .Secrets.ConsulGossip}}
encrypt_verify_incoming = true
encrypt_verify_outgoing = true

acl {
  enabled                  = true
  default_policy           = "deny"
  down_policy              = "extend-cache"
  enable_token_persistence = true
  tokens {
    {{- if .Node.IsServer}}
    initial_management = {{q .Secrets.ConsulManagement}}
    {{- end}}
    agent              = {{q .Secrets.ConsulAgent}}
  }
}

{{if .Node.Alone -}}
# A lone server elects itself in 1-2 s and not in 5-10 s.
performance {
  raft_multiplier = 1
}

{{else if .Node.IsServer -}}
# Servers of several homes, on SD cards: an answer may take 1.5 s before the leader
# is thought gone.
performance {
  raft_multiplier = 3
}

{{end -}}
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

{{if .Node.IsServer -}}
# The raft log is taken from the disk in pieces of this size (64 by default).
raft_logstore {
  backend = "wal"
  wal {
    segment_size_mb = 16
  }
}

{{end -}}
log_level            = "INFO"
log_file             = {{q (.Layout.Log "consul")}}
log_rotate_bytes     = {{.LogMax}}
log_rotate_max_files = {{.LogFiles}}
`)

// ConsulConfig is the text of Consul's configuration file (HCL), with secrets in it.
func ConsulConfig(in Input) string { return render(consulTemplate, in) }
