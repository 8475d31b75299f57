package node

var nomadTemplate = parseTemplate("nomad.hcl", `# Nomad's configuration, written by dcloud at each start. Changes here are lost.

name       = {{q .Node.Name}}
region     = {{q .Node.Region}}
datacenter = {{q .Node.Datacenter}}
data_dir   = {{q (.Layout.EngineData "nomad")}}

# Agents speak on the pool's network alone, the HTTP API on loopback alone.
bind_addr = {{q .Pool}}
addresses {
  http = "127.0.0.1"
  rpc  = {{q .Pool}}
  serf = {{q .Pool}}
}
advertise {
  http = {{q .Pool}}
  rpc  = {{q .Pool}}
  serf = {{q .Pool}}
}

tls {
  http                   = true
  rpc                    = true
  ca_file                = {{q .Layout.CACert}}
  cert_file              = {{q .CertNomad}}
  key_file               = {{q .CertNomad}}
  verify_server_hostname = true
  verify_https_client    = true
}

acl {
  enabled = true
}

{{if .Node.IsServer -}}
server {
  enabled          = true
  {{- if .Node.Alone}}
  bootstrap_expect = 1
  {{- end}}
  encrypt          = {{q .Secrets.NomadGossip}}
  raft_multiplier  = {{if .Node.Alone}}1{{else}}3{{end}}
  {{- if .Node.Servers}}

  # The pool's other servers, asked until one answers.
  server_join {
    retry_join     = {{addrs .Node.Servers}}
    retry_interval = "2s"
  }
  {{- end}}

{{- if .Node.Open}}

  # No machine registers but those that a server has introduced.
{{- else}}

  # Nobody else can reach this server yet.
{{- end}}
  client_introduction {
    enforcement          = "{{if .Node.Open}}strict{{else}}none{{end}}"
    default_identity_ttl = "{{.IntroTTL}}"
    max_identity_ttl     = "{{.IntroTTL}}"
  }

  # A machine that swaps or is short of CPU may be late by this much.
  heartbeat_grace = "30s"

  # A machine that is switched off stays one of the pool until it is removed. After
  # the default of a day it would be forgotten, and need a new introduction.
  node_gc_threshold = "87600h"

  # Where memory is to spare an app may use more than it reserved. Nothing that
  # runs is ever stopped to make room.
  default_scheduler_config {
    scheduler_algorithm             = "spread"
    memory_oversubscription_enabled = true
    preemption_config {
      batch_scheduler_enabled    = false
      system_scheduler_enabled   = false
      service_scheduler_enabled  = false
      sysbatch_scheduler_enabled = false
    }
  }
}

{{end -}}
client {
  enabled          = true
  {{- if not .Node.IsServer}}
  servers          = {{addrs .Node.Servers .NomadRPCPort}}
  {{- end}}
  alloc_mounts_dir = {{q (printf "%s/mounts" (.Layout.EngineData "nomad"))}}
  host_volumes_dir = {{q .Layout.Volumes}}
  cni_path         = {{q .CNIPath}}
  cni_config_dir   = {{q .Layout.CNIConfig}}

  # Apps of several containers.
  bridge_network_name   = {{q .GroupBridge}}
  bridge_network_subnet = {{q .GroupRange}}

  # Ports of apps are bound to the pool's address.
  network_interface = {{q .Interface}}
  min_dynamic_port  = {{.MinAppPort}}
  max_dynamic_port  = {{.MaxAppPort}}

  # A port with host_network = "lan" is bound to this machine's first IPv4 address
  # on its LAN. Without any host_network block, Nomad would bind the ports of
  # bridge mode to every address (bind_wildcard_default_host_network, which a file
  # cannot turn off), and so around the front door.
  host_network "lan" {
    interface = {{q .LAN}}
    cidr      = "0.0.0.0/0"
  }

  # For the system, the agent and the engines.
  reserved {
    memory = {{.ReservedMemory}}
  }

  # The longest that an app may take to stop: databases finish their work.
  max_kill_timeout = "10m"

  # Nomad's remains of finished apps are collected by their own rules; these
  # limits, meant for busy clusters, would collect at every turn on a full disk or
  # with a hundred apps.
  gc_max_allocs            = 1000
  gc_disk_usage_threshold  = 95
  gc_inode_usage_threshold = 95

  # Containers are all that runs here, and a home has no cloud's metadata service.
  options = {
    "driver.allowlist"     = "docker"
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean"
  }

  # An app's templates wait for the servers as long as it takes. After the default
  # of 12 attempts Nomad would stop an app because an engine was away.
  template {
    nomad_retry {
      attempts = 0
    }
    consul_retry {
      attempts = 0
    }
  }
}

# Stopping the process is no departure: containers go on, and the next one takes
# them over.
leave_on_interrupt = false
leave_on_terminate = false

plugin "docker" {
  config {
    endpoint    = {{q .DockerHost}}
    infra_image = {{q .PauseImage}}

    # Two helper processes for each container, 26 MB of memory, are saved: logs
    # are read from Docker, which rotates them.
    disable_log_collection = true
    logging {
      type = "json-file"
      config {
        max-size = "5m"
        max-file = "2"
      }
    }
    extra_labels = ["job_name", "task_group_name", "task_name"]

    # An image of many hundred MB over a slow line takes its time; five minutes
    # without a byte are a failure.
    image_pull_timeout    = "2h"
    pull_activity_timeout = "5m"

    # No entry gets at what is the machine's: the agent builds the jobs, and nobody else
    # may register any. What a person asks for by an override (jobs/override, with
    # --allow-privileged) has to be possible here.
    volumes {
      enabled = true
    }
    allow_privileged = true
    allow_caps       = ["all"]
    pids_limit       = 4096 # a fork bomb ends in its container

    # Images stay for the next start: they may come from no registry. So do dead
    # containers, whose logs say why they died; the agent removes the older ones.
    gc {
      image     = false
      container = false
      dangling_containers {
        enabled = {{not .Facts.SharedDocker}}
      }
    }
  }
}

# Apps' services are registered with this token. What a pool's agents know of one
# another does not come from Consul.
consul {
  address             = "127.0.0.1:{{.ConsulHTTPPort}}"
  token               = {{q .Secrets.ConsulNomad}}
  auto_advertise      = false
  server_auto_join    = false
  client_auto_join    = false
}

ui {
  enabled = false
}

# The default of a second has Docker measure each container every second.
telemetry {
  collection_interval = "15s"
}

disable_update_check        = true
disable_anonymous_signature = true

log_level            = "INFO"
log_file             = {{q (.Layout.Log "nomad")}}
log_rotate_bytes     = {{.LogMax}}
log_rotate_max_files = {{.LogFiles}}
`)

// NomadConfig is the text of Nomad's configuration file (HCL), with secrets in it.
func NomadConfig(in Input) string { return render(nomadTemplate, in) }
