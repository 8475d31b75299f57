package overlay

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WireGuard's cross-platform configuration protocol: lines of key=value, keys in
// hex, an empty line at the end (https://www.wireguard.com/xplatform/).

const (
	// maxAnswer bounds what is read of an answer: 10,000 peers with ten addresses
	// each are 5 MB.
	maxAnswer = 8 << 20
	maxLine   = 4 << 10
)

// An answer is what a device tells of itself.
type answer struct {
	self  [keySize]byte // public key; zero where the device has no private one
	peers []PeerStatus  // in the order of their keys
}

// parseAnswer reads the answer to get=1. Keys that it does not know are passed
// over, since later versions may tell more. Errors do not hold lines of it: it has
// the private key.
func parseAnswer(r io.Reader) (answer, error) {
	limited := &io.LimitedReader{R: r, N: maxAnswer}
	a, err := scanAnswer(limited)
	if err != nil && limited.N <= 0 {
		err = fmt.Errorf("the overlay's answer is longer than %d bytes", maxAnswer)
	}
	return a, err
}

func scanAnswer(r io.Reader) (answer, error) {
	var a answer
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 0, 1024), maxLine)
	n := 0
	for ; scanner.Scan(); n++ {
		line := scanner.Text()
		if line == "" {
			return a, errors.New("the overlay's answer ends without a result")
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return a, fmt.Errorf("line %d of the overlay's answer is not key=value", n+1)
		}
		if name == "errno" {
			if err := errnoOf(value); err != nil {
				return a, err
			}
			slices.SortFunc(a.peers, func(x, y PeerStatus) int { return strings.Compare(x.Key, y.Key) })
			return a, nil
		}
		if err := a.take(name, value); err != nil {
			return a, fmt.Errorf("line %d of the overlay's answer (%.40q): %w", n+1, name, err)
		}
	}
	if err := scanner.Err(); err != nil {
		return a, fmt.Errorf("read the overlay's answer: %w", err)
	}
	return a, fmt.Errorf("the overlay's answer breaks off after %d lines: %w", n, io.ErrUnexpectedEOF)
}

// take takes one line in.
func (a *answer) take(name, value string) (err error) {
	switch name {
	case "private_key":
		key, err := parseHex(value)
		if err != nil {
			return err
		}
		public, err := PublicKey(formatKey(key))
		if err != nil {
			return err
		}
		a.self, err = parseKey(public)
		return err
	case "public_key":
		key, err := parseHex(value)
		if err != nil {
			return err
		}
		a.peers = append(a.peers, PeerStatus{Key: formatKey(key)})
		return nil
	}
	if len(a.peers) == 0 {
		return nil // of the device: port, mark
	}
	return a.peers[len(a.peers)-1].take(name, value)
}

func (p *PeerStatus) take(name, value string) (err error) {
	switch name {
	case "endpoint":
		p.Endpoint, err = netip.ParseAddrPort(value)
	case "allowed_ip":
		var prefix netip.Prefix
		prefix, err = netip.ParsePrefix(value)
		if err == nil {
			p.Allowed = append(p.Allowed, prefix)
		}
	case "tx_bytes":
		p.Sent, err = parseCount(value, 1<<63-1)
	case "rx_bytes":
		p.Received, err = parseCount(value, 1<<63-1)
	case "last_handshake_time_sec":
		var n int64
		if n, err = parseCount(value, 1<<40); n != 0 {
			p.LastHandshake = time.Unix(n, 0)
		}
	case "last_handshake_time_nsec":
		var n int64
		if n, err = parseCount(value, int64(time.Second)-1); n != 0 {
			if p.LastHandshake.IsZero() {
				p.LastHandshake = time.Unix(0, 0)
			}
			p.LastHandshake = p.LastHandshake.Add(time.Duration(n))
		}
	case "persistent_keepalive_interval":
		var n int64
		n, err = parseCount(value, 65535)
		p.Keepalive = time.Duration(n) * time.Second
	}
	return err
}

var errNumber = errors.New("not a number in range")

// parseCount reads a number from 0 to most.
func parseCount(text string, most int64) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || int64(n) > most {
		return 0, errNumber
	}
	return int64(n), nil
}

func parseHex(text string) (key [keySize]byte, err error) {
	if len(text) != 2*keySize {
		return key, errors.New("a key is 64 hex digits")
	}
	if _, err := hex.Decode(key[:], []byte(text)); err != nil {
		return key, errors.New("a key is 64 hex digits")
	}
	return key, nil
}

// errnoOf reads the result with which each answer ends.
func errnoOf(value string) error {
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		return errors.New("the overlay's answer ends in no number")
	}
	if n != 0 {
		return fmt.Errorf("the overlay refused (error %d)", n)
	}
	return nil
}

// setText is the request that makes the changes.
func setText(changes []change) string {
	var b strings.Builder
	b.WriteString("set=1\n")
	for _, c := range changes {
		fmt.Fprintf(&b, "public_key=%x\n", c.key)
		if c.remove {
			b.WriteString("update_only=true\nremove=true\n")
			continue
		}
		if !c.create {
			b.WriteString("update_only=true\n")
		}
		if c.endpoint.IsValid() {
			fmt.Fprintf(&b, "endpoint=%s\n", c.endpoint)
		}
		if c.keepalive != nil {
			fmt.Fprintf(&b, "persistent_keepalive_interval=%d\n", *c.keepalive/time.Second)
		}
		for _, p := range c.add {
			fmt.Fprintf(&b, "allowed_ip=%s\n", p)
		}
		// One by one, not by replace_allowed_ips: that would leave what stays
		// nowhere for a moment.
		for _, p := range c.drop {
			fmt.Fprintf(&b, "allowed_ip=-%s\n", p)
		}
	}
	b.WriteString("\n")
	return b.String()
}
