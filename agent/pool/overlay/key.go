package overlay

import (
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// keySize is that of a Curve25519 key, in bytes.
const keySize = 32

var errKey = errors.New("a WireGuard key is 32 bytes in base64")

// NewKey draws a private key, base64.
func NewKey(rand io.Reader) (string, error) {
	key := make([]byte, keySize)
	if _, err := io.ReadFull(rand, key); err != nil {
		return "", fmt.Errorf("draw a WireGuard key: %w", err)
	}
	// RFC 7748, section 5: what makes 32 bytes a scalar.
	key[0] &= 248
	key[31] = key[31]&127 | 64
	return base64.StdEncoding.EncodeToString(key), nil
}

// PublicKey is the public half of a private key, both base64.
func PublicKey(private string) (string, error) {
	raw, err := parseKey(private)
	if err != nil {
		return "", err
	}
	key, err := ecdh.X25519().NewPrivateKey(raw[:])
	if err != nil {
		return "", errKey
	}
	return base64.StdEncoding.EncodeToString(key.PublicKey().Bytes()), nil
}

// parseKey reads a key. Its error never holds the text, which may be secret.
func parseKey(text string) (key [keySize]byte, err error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != keySize {
		return key, errKey
	}
	return [keySize]byte(raw), nil
}

func formatKey(key [keySize]byte) string { return base64.StdEncoding.EncodeToString(key[:]) }

// readKey reads a private key from its file.
func readKey(file string) (key [keySize]byte, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return key, fmt.Errorf("read the overlay's private key: %w", err)
	}
	key, err = parseKey(strings.TrimSpace(string(text)))
	if err != nil {
		return key, fmt.Errorf("read the overlay's private key from %s: %w", file, err)
	}
	return key, nil
}
