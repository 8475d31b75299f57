package pool

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"unicode"
)

// MaxFacts is how many bytes a member's facts may take: memberlist's limit for a
// node's metadata (memberlist.MetaMaxSize).
const MaxFacts = 512

// Encode writes the facts as JSON of MaxFacts bytes at most, whatever is in them.
// What does not fit is left out: endpoints from the end (the likeliest come first),
// then engines, and where that is not enough whatever else is long. ID and Key go
// last, because without them a member is not recognised.
func (f Facts) Encode() []byte {
	f.Endpoints = slices.Clone(f.Endpoints)
	engines := make(map[string]string, len(f.Engines))
	names := make([]string, 0, len(f.Engines))
	for name, state := range f.Engines {
		engines[name] = state
		names = append(names, name)
	}
	slices.Sort(names)
	f.Engines = engines
	rest := []*string{&f.Direct, &f.Version, &f.Arch, &f.Role, &f.Key, &f.ID}
	// Each endpoint and engine takes more than 5 bytes, so that only those that
	// might fit are tried at all.
	f.Endpoints = f.Endpoints[:min(len(f.Endpoints), MaxFacts/5)]
	for _, name := range names[min(len(names), MaxFacts/5):] {
		delete(f.Engines, name)
	}
	names = names[:min(len(names), MaxFacts/5)]
	for {
		data, err := json.Marshal(f)
		if err == nil && len(data) <= MaxFacts {
			return data
		}
		switch {
		case len(f.Endpoints) > 0:
			f.Endpoints = f.Endpoints[:len(f.Endpoints)-1]
		case len(names) > 0:
			delete(f.Engines, names[len(names)-1])
			names = names[:len(names)-1]
		case len(rest) > 0:
			*rest[0] = ""
			rest = rest[1:]
		default:
			return []byte("{}") // not reached: numbers alone always fit
		}
	}
}

// DecodeFacts reads what Encode wrote, on another machine: nothing in it is believed
// that could not be so. Unknown fields are left aside, for members of a later version.
func DecodeFacts(data []byte) (Facts, error) {
	var f Facts
	if len(data) > MaxFacts {
		return f, fmt.Errorf("read a member's facts: %d bytes, more than %d", len(data), MaxFacts)
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return Facts{}, fmt.Errorf("read a member's facts: %w", err)
	}
	if err := f.check(); err != nil {
		return Facts{}, fmt.Errorf("read a member's facts: %w", err)
	}
	return f, nil
}

func (f Facts) check() error {
	switch {
	case f.ID == "":
		return errors.New("no ID")
	case f.Role != "" && !ValidRole(f.Role):
		return fmt.Errorf("there is no role %q", f.Role)
	case f.MemoryMB < 0:
		return fmt.Errorf("%d MB of memory", f.MemoryMB)
	}
	for _, s := range []string{f.ID, f.Key, f.Version, f.Arch} {
		if !printable(s) {
			return fmt.Errorf("%q holds what cannot be printed", s)
		}
	}
	for name, state := range f.Engines {
		if !printable(name) || !printable(state) {
			return fmt.Errorf("engine %q (%q) holds what cannot be printed", name, state)
		}
	}
	for _, e := range f.Endpoints {
		if err := CheckEndpoint(e); err != nil {
			return err
		}
	}
	if _, err := base64.RawURLEncoding.DecodeString(f.Direct); err != nil {
		return fmt.Errorf("whom it meets directly: %w", err)
	}
	return nil
}

func printable(s string) bool {
	for _, r := range s {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// CheckEndpoint tells what is wrong with an endpoint: host:port, the host an IP
// address (IPv6 in brackets) or a name, the port from 1 to 65535.
func CheckEndpoint(endpoint string) error {
	host, port, err := net.SplitHostPort(endpoint)
	if err != nil {
		return fmt.Errorf("endpoint %q is not host:port", endpoint)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("endpoint %q has no port from 1 to 65535", endpoint)
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if a.IsUnspecified() || a.IsMulticast() {
			return fmt.Errorf("endpoint %q: nobody can be met at %s", endpoint, a)
		}
		return nil
	}
	if host == "" || len(host) > 253 {
		return fmt.Errorf("endpoint %q has no host", endpoint)
	}
	for _, r := range host {
		if r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return fmt.Errorf("endpoint %q: %q is neither an address nor a name", endpoint, host)
		}
	}
	return nil
}

// maxReach bounds Facts.Direct, and with it which addresses it can tell of. The
// pool gives addresses from the start of its range.
const maxReach = 1024

// Reach writes a set of pool addresses for Facts.Direct: a bitmap, numbered by the
// address's last 16 bits, in URL-safe base64 without padding; 34 characters for the
// first 200 addresses. Those beyond the first 1024 are left out.
func Reach(addresses []netip.Addr) string {
	var bits []byte
	for _, a := range addresses {
		n := number(a)
		if n >= maxReach {
			continue
		}
		for len(bits) <= n/8 {
			bits = append(bits, 0)
		}
		bits[n/8] |= 1 << (n % 8)
	}
	return base64.RawURLEncoding.EncodeToString(bits)
}

// Meets tells whether the member says that it meets a pool address directly.
func (f Facts) Meets(address netip.Addr) bool {
	bits, err := base64.RawURLEncoding.DecodeString(f.Direct)
	n := number(address)
	return err == nil && n < 8*len(bits) && bits[n/8]&(1<<(n%8)) != 0
}

func number(a netip.Addr) int {
	b := a.Unmap().AsSlice()
	if len(b) < 2 {
		return maxReach
	}
	return int(b[len(b)-2])<<8 | int(b[len(b)-1])
}
