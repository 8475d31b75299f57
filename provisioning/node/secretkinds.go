package node

import (
	"encoding/base64"
	"io"
	"strings"
)

// base64Key32 is 32 bytes of randomness as base64.
func base64Key32(rand io.Reader, change func(*[32]byte)) (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", err
	}
	change(&b)
	return base64.StdEncoding.EncodeToString(b[:]), nil
}

func decodeKey32(s string) (b []byte, ok bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil && len(b) == 32 && base64.StdEncoding.EncodeToString(b) == s
}

// newGossipKey makes a key for AES-256, as Serf and memberlist take it.
func newGossipKey(rand io.Reader) (string, error) { return base64Key32(rand, func(*[32]byte) {}) }

func isGossipKey(s string) bool {
	_, ok := decodeKey32(s)
	return ok
}

// newWireGuardKey makes a private key for Curve25519: some bits are fixed, lest the
// key lie in a small subgroup or show its length in time (RFC 7748, section 5).
func newWireGuardKey(rand io.Reader) (string, error) {
	return base64Key32(rand, func(b *[32]byte) {
		b[0] &= 248
		b[31] = b[31]&127 | 64
	})
}

func isWireGuardKey(s string) bool {
	b, ok := decodeKey32(s)
	return ok && b[0]&7 == 0 && b[31]&192 == 64
}

// apiPrefix lets secret scanners and people recognize a token of ours.
const apiPrefix = "dcloud_"

// NewAPIToken makes a token of the agent's API, to replace one that was known to a
// machine which is no server any more.
func NewAPIToken(rand io.Reader) (string, error) { return newAPIToken(rand) }

func newAPIToken(rand io.Reader) (string, error) {
	var b [32]byte
	_, err := io.ReadFull(rand, b[:])
	return apiPrefix + base64.RawURLEncoding.EncodeToString(b[:]), err
}

func isAPIToken(s string) bool {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(s, apiPrefix))
	return err == nil && len(b) == 32 && strings.HasPrefix(s, apiPrefix)
}
