package pool

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"github.com/dentropy/dcloud/agent"
)

// Token lets a machine find one pool, know it for sure, and ask to be let in.
// Whoever has its text may join, so nothing but Text shows the secret.
type Token struct {
	ID     string // names the token, also in logs
	Secret string
	// Fingerprint is the SHA-256 of the certificate (DER) of the pool's authority.
	Fingerprint [32]byte
	// Addresses are host:port where a server may be met, the likeliest first.
	Addresses []string
}

const (
	tokenPrefix = "dcloud1_"
	// MaxTokenAddresses is how many addresses a token carries: few enough for a QR
	// code that a telephone reads from a terminal.
	MaxTokenAddresses = 8
	// maxTokenText is more than the longest token has, with its lines broken.
	maxTokenText = 8 << 10
	maxTokenWord = 120 // bytes of an ID or a secret
	checksumSize = 4
)

// NewToken draws a token for the pool whose authority has the fingerprint: 40 bits
// name it, 128 bits are secret.
func NewToken(fingerprint [32]byte, addresses []string) Token {
	drawn := make([]byte, 5+16)
	rand.Read(drawn) // never fails: crypto/rand ends the program rather
	return Token{
		ID: hex.EncodeToString(drawn[:5]), Secret: hex.EncodeToString(drawn[5:]),
		Fingerprint: fingerprint, Addresses: addresses,
	}
}

// Text is the token as a person copies it: "dcloud1_" and then base64url of
//
//	32 bytes   fingerprint
//	1+n bytes  ID      (length, bytes)
//	1+n bytes  secret  (length, bytes)
//	…          addresses, the first MaxTokenAddresses that Endpoint takes
//	4 bytes    checksum: the first of SHA-256 over "dcloud1_" and all before
//
// It holds the secret. The checksum finds damage, it does not keep anybody from
// making a token; that is what fingerprint and secret are for.
func (t Token) Text() string {
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(withChecksum(t.body()))
}

func (t Token) body() []byte {
	body := append([]byte(nil), t.Fingerprint[:]...)
	body = appendWord(body, t.ID)
	body = appendWord(body, t.Secret)
	count := 0
	for _, a := range t.Addresses {
		if e, err := Endpoint(a); err == nil && count < MaxTokenAddresses {
			body = appendAddress(body, e)
			count++
		}
	}
	return body
}

func withChecksum(body []byte) []byte {
	sum := sha256.Sum256(append([]byte(tokenPrefix), body...))
	return append(body, sum[:checksumSize]...)
}

// ParseToken reads a token's text. Blanks and line breaks in and around it do not
// matter: terminals and mail programs break long lines. An error is an
// *agent.Error and never holds the text.
func ParseToken(s string) (Token, error) {
	if len(s) > maxTokenText {
		return Token{}, agent.Errorf(agent.CodeInvalid, "that is no token: it is %d bytes long", len(s)).WithHint(tokenHint)
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' { // a zero-width space, a byte order mark
			return -1
		}
		return r
	}, s)
	text, ok := strings.CutPrefix(s, tokenPrefix)
	if !ok {
		return Token{}, notAToken(s)
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(data) < len(Token{}.Fingerprint)+checksumSize {
		return Token{}, damaged()
	}
	body := data[:len(data)-checksumSize]
	if !bytes.Equal(withChecksum(bytes.Clone(body)), data) {
		return Token{}, damaged()
	}
	t, ok := readToken(body)
	if !ok || !isWord(t.ID) || !isWord(t.Secret) || !bytes.Equal(t.body(), body) {
		return Token{}, damaged() // the checksum fits, yet no program of ours wrote it
	}
	return t, nil
}

const tokenHint = "on the cloud's server, get a new one: dcloud node token"

func notAToken(s string) error {
	if s == "" {
		return agent.Errorf(agent.CodeInvalid, "no token was given").WithHint(tokenHint)
	}
	if version, _, ok := strings.Cut(s, "_"); ok && isVersion(version) {
		return agent.Errorf(agent.CodeInvalid, "the token is of the kind %s_, and this dcloud knows only %s", version, tokenPrefix).
			WithHint("install the version of dcloud that the cloud runs: dcloud version tells it there")
	}
	return agent.Errorf(agent.CodeInvalid, "that is no token: one begins with %s", tokenPrefix).WithHint(tokenHint)
}

// isWord is true for what can be an ID or a secret: it can be shown and be part of
// a path.
func isWord(s string) bool {
	return s != "" && len(s) <= maxTokenWord &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
}

// isVersion is true for "dcloud" and one to three digits.
func isVersion(s string) bool {
	digits, ok := strings.CutPrefix(s, "dcloud")
	return ok && digits != "" && len(digits) <= 3 && strings.Trim(digits, "0123456789") == ""
}

func damaged() error {
	return agent.Errorf(agent.CodeInvalid, "the token is damaged: was it copied whole?").
		WithHint("copy it again, from %s to its last character; or %s", tokenPrefix, tokenHint)
}

// String names the token and hides the secret.
func (t Token) String() string { return "token " + t.ID }

// GoString hides the secret from %#v.
func (t Token) GoString() string { return fmt.Sprintf("pool.Token{ID:%q, …}", t.ID) }

// Format hides the secret from every verb.
func (t Token) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		fmt.Fprint(f, t.GoString())
		return
	}
	fmt.Fprint(f, t.String())
}

// LogValue hides the secret from logs.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText hides the secret from JSON and the like.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
