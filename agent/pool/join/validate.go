package join

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

const (
	maxCSR       = 8 << 10 // bytes; one is about 1 KB
	maxEndpoints = 32
	maxTaken     = 256 // ranges; each container network is one
	letters      = "abcdefghijklmnopqrstuvwxyz"
	digits       = "0123456789"
)

// check refuses a request that no honest machine sends, and one whose clock differs.
// What it lets through can be logged, shown and be part of a path.
func (s *Server) check(q pool.Request) error {
	if !made(q.Token, letters+strings.ToUpper(letters)+digits+"-_", 120) || q.Secret == "" || len(q.Secret) > 120 {
		return invalid("token")
	}
	if !uuid(q.ID) {
		return invalid("id")
	}
	if q.Name != "" && !label(q.Name) {
		return agent.Errorf(agent.CodeInvalid, "%.80q cannot be a machine's name: it has 1 to 63 of a-z, 0-9 and -, and begins and ends with no -", q.Name).
			WithHint("choose another: dcloud node join --name NAME TOKEN")
	}
	if len(q.CSR) > maxCSR {
		return invalid("csr")
	}
	if block, rest := pem.Decode([]byte(q.CSR)); block == nil || block.Type != "CERTIFICATE REQUEST" || strings.TrimSpace(string(rest)) != "" {
		return invalid("csr")
	}
	if key, err := base64.StdEncoding.Strict().DecodeString(q.Key); err != nil || len(key) != 32 {
		return invalid("key")
	}
	if len(q.Endpoints) > maxEndpoints {
		return invalid("endpoints")
	}
	for _, e := range q.Endpoints {
		if normal, err := pool.Endpoint(e); err != nil || normal != e {
			return invalid("endpoints")
		}
	}
	if !made(q.Arch, letters+digits+"_", 20) {
		return invalid("arch")
	}
	if !made(q.Version, letters+strings.ToUpper(letters)+digits+".-+_~()/ ", 120) {
		return invalid("version")
	}
	if q.MemoryMB < 0 || q.MemoryMB > 1<<30 {
		return invalid("memory_mb")
	}
	if len(q.Taken) > maxTaken {
		return invalid("taken")
	}
	return checkClock(q.Time, s.o.Now())
}

func invalid(field string) error {
	return agent.Errorf(agent.CodeInvalid, "that is not what a machine says that joins: its %s is not valid", field).
		WithHint("install the version of dcloud that the cloud runs: dcloud version tells it there")
}

// checkClock compares a machine's clock with the cloud's.
func checkClock(machine, cloud time.Time) error {
	difference := machine.Sub(cloud).Abs()
	if difference <= MaxClockDifference {
		return nil
	}
	const form = "2006-01-02 15:04:05 MST"
	about := strings.TrimSuffix(difference.Round(time.Minute).String(), "0s")
	if days := int(difference.Hours() / 24); days > 1 {
		about = fmt.Sprintf("%d days", days)
	}
	return agent.Errorf(agent.CodeFailed, "the clocks differ by %s: the machine's says %s, the cloud's says %s",
		about, machine.UTC().Format(form), cloud.UTC().Format(form)).
		WithHint("set the clock of the one that is wrong: timedatectl set-ntp true; then: dcloud node join TOKEN")
}

func made(s, of string, longest int) bool {
	return s != "" && len(s) <= longest && strings.Trim(s, of) == ""
}

// label is true for a DNS label (RFC 1123) in lower case.
func label(s string) bool {
	return made(s, letters+digits+"-", 63) && s[0] != '-' && s[len(s)-1] != '-'
}

// uuid is true for a UUID as RFC 9562 writes it, in lower case.
func uuid(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range []byte(s) {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (r == '-') || !dash && !strings.ContainsRune(digits+"abcdef", rune(r)) {
			return false
		}
	}
	return true
}
