# Nomad's configuration, written by dcloud at each start. Changes here are lost.

name       = "pi2"
region     = "global"
datacenter = "home"
data_dir   = "/var/lib/dcloud/engines/nomad"

# Agents speak on the pool's network alone, the HTTP API on loopback alone.
bind_addr = "10.213.0.4"
addresses {
  http = "127.0.0.1"
  rpc  = "10.213.0.4"
  serf = "10.213.0.4"
}
advertise {
  http = "10.213.0.4"
  rpc  = "10.213.0.4"
  serf = "10.213.0.4"
}

tls {
  http                   = true
  rpc                    = true
  ca_file                = "/var/lib/dcloud/pki/ca.pem"
  cert_file              = "/var/lib/dcloud/pki/nomad.pem"
  key_file               = "/var/lib/dcloud/pki/nomad.pem"
  verify_server_hostname = true
  verify_https_client    = true
}

acl {
  enabled = true
}

server {
  enabled          = true
  encrypt          = "bm9tYWQtZ29zc2lwLWtleS1vZi0zMi1ieXRlcy4uLi4="
  raft_multiplier  = 3

  # The pool's other servers, asked until one answers.
  server_join {
    retry_join     = ["10.213.0.1", "10.213.0.3"]
    retry_interval = "2s"
  }

  # No machine registers but those that a server has introduced.
  client_introduction {
    enforcement          = "strict"
    default_identity_ttl = "1h"
    max_identity_ttl     = "1h"
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

client {
  enabled          = true
  alloc_mounts_dir = "/var/lib/dcloud/engines/nomad/mounts"
  host_volumes_dir = "/var/lib/dcloud/volumes"
  cni_path         = "/usr/lib/cni"
  cni_config_dir   = "/var/lib/dcloud/config/cni"

  # Apps of several containers.
  bridge_network_name   = "nomad"
  bridge_network_subnet = "198.19.240.0/20"

  # Ports of apps are bound to the pool's address.
  network_interface = "dcloud0"
  min_dynamic_port  = 20000
  max_dynamic_port  = 32000

  # A port with host_network = "lan" is bound to this machine's first IPv4 address
  # on its LAN. Without any host_network block, Nomad would bind the ports of
  # bridge mode to every address (bind_wildcard_default_host_network, which a file
  # cannot turn off), and so around the front door.
  host_network "lan" {
    interface = "eth0"
    cidr      = "0.0.0.0/0"
  }

  # For the system, the agent and the engines.
  reserved {
    memory = 448
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
    endpoint    = "unix:///var/run/docker.sock"
    infra_image = "dcloud.local/pause:1"

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
        enabled = true
      }
    }
  }
}

# Apps' services are registered with this token. What a pool's agents know of one
# another does not come from Consul.
consul {
  address             = "127.0.0.1:8500"
  token               = "aaaaaaaa-0000-4000-8000-000000000003"
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
log_file             = "/var/lib/dcloud/logs/nomad.log"
log_rotate_bytes     = 5242880
log_rotate_max_files = 2
