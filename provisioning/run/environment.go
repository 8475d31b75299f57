package run

import (
	"os"
	"strings"
)

// kept are the variables that a clean environment takes over: what a program
// needs to find its files and, behind a proxy or a private CA, the network.
// Everything else is left out, because engines and tools change their ways by
// it (Nomad does not even start where AWS_CA_BUNDLE is set).
var kept = []string{
	"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ",
	"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	"SSL_CERT_FILE", "SSL_CERT_DIR",
}

// fallbackPath serves where PATH is unset: a systemd unit, cron, an empty chroot.
const fallbackPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Environment returns a clean environment for Command.Env: the few variables
// that every program needs, those named by keep ("GOPROXY", or "GO*" for a
// prefix), and LC_ALL=C.UTF-8, so that output can be read by us.
func Environment(keep ...string) []string {
	return clean(os.Environ(), keep)
}

func clean(environ, keep []string) []string {
	out := []string{"LC_ALL=C.UTF-8"}
	path := false
	for _, kv := range environ {
		name, value, ok := strings.Cut(kv, "=")
		if !ok || name == "LC_ALL" || !wanted(name, kept) && !wanted(name, keep) {
			continue
		}
		if name == "PATH" {
			if value == "" {
				continue
			}
			path = true
		}
		out = append(out, kv)
	}
	if !path {
		out = append(out, "PATH="+fallbackPath)
	}
	return out
}

func wanted(name string, patterns []string) bool {
	for _, p := range patterns {
		if prefix, ok := strings.CutSuffix(p, "*"); ok && strings.HasPrefix(name, prefix) || p == name {
			return true
		}
	}
	return false
}
