package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// The marker's variables. Everything that a supervisor must know of a running engine
// is in the engine's own environment, which lives exactly as long as the process.
const (
	markerPrefix  = "DCLOUD_ENGINE"
	markerName    = "DCLOUD_ENGINE"         // the engine's name
	markerState   = "DCLOUD_ENGINE_STATE"   // the supervisor's state directory: one machine may hold several
	markerSpec    = "DCLOUD_ENGINE_SPEC"    // Spec.Hash
	markerVersion = "DCLOUD_ENGINE_VERSION" // Spec.Version
	markerArgv    = "DCLOUD_ENGINE_ARGV"    // LENGTH:HASH of the command line
	markerOutput  = "DCLOUD_ENGINE_OUTPUT"  // where its output begins in the file, in bytes
)

// marker is what an engine's environment says about it.
type marker struct {
	name, state, spec, version, argv string
	output                           int64
}

func newMarker(s Spec, state string, output int64) marker {
	return marker{s.Name, state, s.Hash(), s.Version, argvMark(s.argv()), output}
}

func (m marker) env() []string {
	return []string{
		markerName + "=" + m.name,
		markerState + "=" + m.state,
		markerSpec + "=" + m.spec,
		markerVersion + "=" + m.version,
		markerArgv + "=" + m.argv,
		markerOutput + "=" + strconv.FormatInt(m.output, 10),
	}
}

// parseMarker reads a marker from the text of /proc/PID/environ.
func parseMarker(environ []byte) (m marker, ok bool) {
	if !bytes.Contains(environ, []byte(markerName+"=")) {
		return m, false
	}
	for _, kv := range splitNul(environ) {
		key, value, _ := strings.Cut(kv, "=")
		switch key {
		case markerName:
			m.name = value
		case markerState:
			m.state = value
		case markerSpec:
			m.spec = value
		case markerVersion:
			m.version = value
		case markerArgv:
			m.argv = value
		case markerOutput:
			m.output, _ = strconv.ParseInt(value, 10, 64) // 0 will do
		}
	}
	return m, m.name != "" && m.state != "" && m.argv != ""
}

// owns tells whether the process with this /proc/PID/cmdline is the one that was
// given the marker. What an engine starts (Nomad's helpers, raw_exec tasks) inherits
// the environment, but not the command line, so it is never taken for the engine.
//
// Only the end of the command line counts: for a script the kernel puts the
// interpreter in front (execve(2)).
func (m marker) owns(cmdline []byte) bool {
	length, _, _ := strings.Cut(m.argv, ":")
	n, err := strconv.Atoi(length)
	argv := splitNul(cmdline)
	if err != nil || n < 1 || n > len(argv) {
		return false
	}
	return argvMark(argv[len(argv)-n:]) == m.argv
}

func argvMark(argv []string) string {
	sum := sha256.Sum256([]byte(strings.Join(argv, "\x00")))
	return strconv.Itoa(len(argv)) + ":" + hex.EncodeToString(sum[:8])
}

// splitNul splits text whose parts each end with a NUL byte.
func splitNul(b []byte) []string {
	if len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
}
