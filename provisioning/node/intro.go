package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxIntro bounds an introduction token: Nomad's have some 700 bytes.
const maxIntro = 8 << 10

// introTTL is how long an introduction token lasts at most, and does if its maker says
// nothing: an old machine may take that long to fetch its engines. Nomad's own are 5
// and 30 minutes.
const introTTL = "1h"

// IntroTokenFile is where Nomad's client looks for its introduction token, a JWT that
// lets a machine of one name register for the first time: intro_token.jwt in the
// client's state directory, DATA_DIR/client unless told otherwise. It is read once, when
// the agent starts, and only if neither -client-intro-token nor NOMAD_CLIENT_INTRO_TOKEN
// gave one (readIntroTokenFile in Nomad 1.11's command/agent/agent.go).
//
// The servers of a pool that is open to others (Node.Open) are told to take no unknown
// machine without one (client_introduction, enforcement = "strict"). A server makes a
// token with
//
//	POST /v1/acl/identity/client-introduction-token
//	{"NodeName": "pi2", "NodePool": "default", "TTL": "30m"}   ->  {"JWT": "…"}
//
// and an ACL token that may write nodes; the name must be that of the configuration
// (Node.Name), the TTL at most introTTL. Once it has registered, Nomad's client goes
// by an identity and a secret of its own, also after a restart, and does not need the
// token again. A client whose token was refused, having expired, tries with the same
// one for ever: write a new one and restart it. Remove the file when the machine is
// ready: where Nomad finds a token it does not give up an identity that its servers
// refuse, as it should once the machine was removed and joins again.
//
// The pool's first server needs no introduction: it registers before the pool is open,
// and a machine that the servers know is not asked. It could introduce itself, but its
// client asks to register before its own server has read the key with which the token
// is checked, is refused, and asks again only after 15 to 30 s.
func IntroTokenFile(l Layout) string {
	return filepath.Join(l.EngineData(Nomad), "client", "intro_token.jwt")
}

// WriteIntroToken puts Nomad's introduction token where its client looks for it.
func WriteIntroToken(l Layout, token string) error {
	if token = strings.TrimSpace(token); len(token) > maxIntro || !isJWT(token) {
		return errors.New("write Nomad's introduction token: it is none")
	}
	path := IntroTokenFile(l)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil { // Nomad's own mode
		return fmt.Errorf("write Nomad's introduction token: %w", err)
	}
	return writeFile(path, []byte(token+"\n"))
}

// RemoveIntroToken takes the introduction token away, when it has served.
func RemoveIntroToken(l Layout) error {
	if err := os.Remove(IntroTokenFile(l)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove Nomad's introduction token: %w", err)
	}
	return nil
}

// isJWT tells whether a text has a JWT's form: three parts of base64url (RFC 7519).
func isJWT(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return false
	}
	for _, p := range parts {
		if p == "" || strings.Trim(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}
