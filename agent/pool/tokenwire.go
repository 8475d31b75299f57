package pool

import (
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// hexWord marks a word that is hexadecimal and written as its bytes, which are half
// as many.
const hexWord = 0x80

// appendWord writes an ID or a secret. One that is too long is cut, and ParseToken's
// result then differs from what was meant; NewToken draws none of those.
func appendWord(b []byte, s string) []byte {
	s = s[:min(len(s), maxTokenWord)]
	if raw, err := hex.DecodeString(s); err == nil && len(raw) > 0 && s == strings.ToLower(s) {
		return append(append(b, hexWord|byte(len(raw))), raw...)
	}
	return append(append(b, byte(len(s))), s...)
}

// Kinds of an address. Most have the port Port; others' follows them.
const (
	addrIPv4  = 1
	addrIPv6  = 2
	addrName  = 3 // length, text
	otherPort = 0x10
)

// appendAddress writes host:port as Endpoint returns it.
func appendAddress(b []byte, endpoint string) []byte {
	host, portText, _ := net.SplitHostPort(endpoint)
	port, _ := strconv.ParseUint(portText, 10, 16)
	kind, text := byte(addrName), append([]byte{byte(len(host))}, host...)
	if ip, err := netip.ParseAddr(host); err == nil {
		kind, text = addrIPv6, ip.AsSlice()
		if ip.Is4() {
			kind = addrIPv4
		}
	}
	if port == Port {
		return append(append(b, kind), text...)
	}
	return binary.BigEndian.AppendUint16(append(append(b, kind|otherPort), text...), uint16(port))
}

func readToken(b []byte) (t Token, ok bool) {
	r := reader{b: b, ok: true}
	copy(t.Fingerprint[:], r.take(len(t.Fingerprint)))
	t.ID = r.word()
	t.Secret = r.word()
	for r.ok && len(r.b) > 0 {
		if len(t.Addresses) == MaxTokenAddresses {
			return Token{}, false
		}
		t.Addresses = append(t.Addresses, r.address())
	}
	return t, r.ok
}

// reader takes a token's body apart. Once something is missing ok stays false.
type reader struct {
	b  []byte
	ok bool
}

func (r *reader) take(n int) []byte {
	if !r.ok || n > len(r.b) {
		r.ok = false
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

func (r *reader) byte() byte {
	if b := r.take(1); r.ok {
		return b[0]
	}
	return 0
}

func (r *reader) word() string {
	n := r.byte()
	if n&hexWord != 0 {
		return hex.EncodeToString(r.take(int(n &^ hexWord)))
	}
	return string(r.take(int(n)))
}

func (r *reader) address() string {
	kind := r.byte()
	var host string
	switch kind &^ otherPort {
	case addrIPv4:
		host = r.ip(4)
	case addrIPv6:
		host = r.ip(16)
	case addrName:
		host = string(r.take(int(r.byte())))
	default:
		r.ok = false
	}
	port := uint16(Port)
	if p := kind & otherPort; p != 0 {
		if b := r.take(2); r.ok {
			port = binary.BigEndian.Uint16(b)
		}
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

func (r *reader) ip(size int) string {
	ip, ok := netip.AddrFromSlice(r.take(size))
	if !ok {
		r.ok = false
		return ""
	}
	return ip.String()
}

// Endpoint reads host or host:port, as a person writes it, and returns host:port.
// Without a port it is Port. An IPv6 address may stand with or without brackets.
func Endpoint(s string) (string, error) {
	s = strings.TrimSpace(s)
	host, port := s, strconv.Itoa(Port)
	if ip, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		host = ip.String()
	} else if h, p, err := net.SplitHostPort(s); err == nil {
		host, port = h, p
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", agent.Errorf(agent.CodeInvalid, "%.80q has no valid port: it must be a number from 1 to 65535", s).WithHint(endpointHint)
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.IsUnspecified() || ip.IsMulticast() || ip.Zone() != "" {
			return "", agent.Errorf(agent.CodeInvalid, "%s is no address at which other machines find one", ip.WithZone("")).WithHint(endpointHint)
		}
		host = ip.Unmap().String()
	} else if !validHost(host) {
		return "", agent.Errorf(agent.CodeInvalid, "%.80q is not the name or address of a machine", s).WithHint(endpointHint)
	}
	return net.JoinHostPort(host, strconv.Itoa(int(n))), nil
}

const endpointHint = "write a name or an address, with a port if it is not 51820: home.example.org, 203.0.113.7:4000, [2001:db8::1]:4000"

// validHost is true for what can be a name in DNS or /etc/hosts (RFC 1123, and
// underscores, which some use).
func validHost(s string) bool {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return false
		}
	}
	// A name of digits and dots only is an address with a mistake in it.
	return strings.Trim(s, "0123456789.") != ""
}
