// Package override lets a person change the job that was generated for an app, in
// Nomad's own language: the parts of a job that are to be different, and the
// addresses of those that are to go.
//
//	remove = ["group.miniflux.task.web.env.RUN_MIGRATIONS"]
//
//	job "miniflux" {
//	  group "miniflux" {
//	    task "web" {
//	      env       { POLLING_FREQUENCY = "15" }
//	      resources { memory = 512 }
//	    }
//	  }
//	}
//
// It is pure, and depends on the Nomad API's types, hcl/v2 and text/template/parse
// alone. Nomad's parser is not here: the caller hands Written.ForNomad to a running
// Nomad (POST /v1/jobs/parse), and its answer to New. The syntax tree of the text
// says what is written, and where; Nomad's answer says what it means. So what Nomad
// fills in by itself is never taken for written. Start reading at Parse (parse.go),
// then New (override.go, writes.go) and Apply (apply.go).
//
// # Merging
//
// An override becomes a list of writes, one for each field, which are carried out on a
// copy of the generated job in the order of the text:
//
//   - What is not written is not touched; null is as if it were not written.
//   - A field is replaced. So is a list of texts (args, tags, datacenters), as a whole.
//   - A map is merged key by key: env, meta, a check's header; of Docker's config
//     labels, logging, ulimit, sysctl and storage_opt.
//   - A block that stands once is merged field by field: resources, restart, update,
//     a group's network, lifecycle.
//   - A block with a name is merged with the one of that name, or added: group, task,
//     volume, port and action by their labels, service and check by name, template by
//     destination, volume_mount by volume and destination. Of Docker's config, mount
//     (by target) and devices (by container_path) are replaced by name.
//   - A block without a name is added, unless an equal one is there: constraint,
//     affinity, spread, artifact.
//   - A variable that came by a template, since it holds a secret, leaves that template
//     when env sets it: what is written wins.
//   - A group or task that the job does not have is a new one if it has what it takes,
//     a driver and config. Otherwise its name is taken for wrong. New tasks get what
//     generated ones have (defaults.go), where they say nothing of it.
//
// # Addresses and removal
//
// An address names a part of the job by what leads there: fields and blocks after
// dots, the name of a block after that of its kind. Names with other signs than
// letters, digits, "_" and "-" stand in brackets and quotes:
//
//	priority
//	group.miniflux.task.web.config.args
//	group.miniflux.task.web.template["secrets/x"].perms
//	group.miniflux.task.web.service.miniflux.check.health
//	group.miniflux.task.web.service.miniflux.tags["backup=daily"]
//	group.miniflux.constraint[0]
//
// What remove lists is taken away first, then the rest is merged: to replace a block,
// remove it and write it anew. Without a name or number an address means all blocks
// of the kind. Nothing there to remove is a warning, since an update of the entry may
// have dropped it; what no job could have is an error.
//
// # What is refused
//
// The merged job is compared with the generated one, and each difference held against
// a table in which every field of Nomad's job has a line (policy.go): it is allowed, or
// asked for, or refused. That holds whatever made the difference, a write or a
// removal. What reaches beyond the app needs Allow.Privileged, and then is a Risk. What
// would break the cloud's promises is refused in any case: its stamps, other apps'
// names, hosts, volumes and secrets, the door of a private app, two copies on one
// volume. An option of Docker's that the table does not know is refused, and a test
// fails when Nomad has a field that it does not know.
//
// # What holds
//
// An empty override changes nothing. Applying twice is applying once. A refused
// override changes nothing at all. The input is never changed, and shares no memory
// with the result. Compose says in what sense merging is associative. (Removals by
// position are the exception: constraint[0] is another one the second time.)
//
// An override is data: it has no variables, loops or dynamic blocks, and may call only
// functions whose result depends on their arguments, so that the same text gives the
// same job each time, and cannot read the server's disk or fill its memory.
package override
