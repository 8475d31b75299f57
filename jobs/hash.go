package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"

	"github.com/hashicorp/nomad/api"
)

// Keys of a job's meta. A job without the first three is not ours, and is never
// touched.
//
// Nomad hands a job's meta to its tasks, so any change of it, and with it any
// change of the hash, replaces the allocation (scheduler/util.go, tasksUpdated).
const (
	MetaApp      = "dcloud.app"
	MetaEntry    = "dcloud.entry"
	MetaVersion  = "dcloud.version"
	MetaHash     = "dcloud.hash"
	MetaSecrets  = "dcloud.secrets"  // Intent.SecretsRevision, where there are secrets
	MetaRestarts = "dcloud.restarts" // Intent.Restarts, where one was asked for
)

// Owned says whether a job with this meta was built here.
func Owned(meta map[string]string) bool {
	return meta[MetaApp] != "" && meta[MetaEntry] != "" && meta[MetaVersion] != ""
}

// Hash is the SHA-256, in hex, of the job's JSON without the hash itself. It is
// to be compared with the hash that another Build wrote: a job that Nomad gives
// back has its defaults filled in, and another sum.
func Hash(job *api.Job) string {
	plain := *job
	plain.Meta = maps.Clone(job.Meta)
	delete(plain.Meta, MetaHash)
	text, err := json.Marshal(&plain) // sorts maps, keeps the order of fields
	if err != nil {
		// Nothing in a built job is a channel, a function or a cycle.
		panic("jobs: a job that JSON cannot hold: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
