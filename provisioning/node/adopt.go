package node

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Adoption is what a pool gives to a machine that it has taken in: the plain values
// of its answer.
type Adoption struct {
	ID      string // as in NewRequest
	Name    string
	Role    string
	Address netip.Addr

	Pool       netip.Prefix
	Servers    []netip.Addr // of the pool; at least one
	Domain     string
	HTTPPort   int
	HTTPSPort  int
	Datacenter string
	Region     string
	Timezone   string // IANA name
	Joined     time.Time

	Authority    string            // certificate, PEM
	AuthorityKey string            // PEM, for a server; else ""
	Certs        map[string]string // from Issue
	Secrets      map[string]string // from MemberSecrets, with the tokens of this member
	Intro        string            // Nomad's introduction token; may be ""
}

// String hides what is secret.
func (Adoption) String() string { return "(adoption)" }

// GoString hides what is secret from %#v.
func (Adoption) GoString() string { return "node.Adoption{…}" }

// Adopt makes this machine, which has asked with NewRequest, the member that the pool
// says it is. The answer came over a network, so all of it is checked before any is
// written. The identity is written last: a machine that dies before is not set up,
// and can ask again or be tidied with Abandon; one that dies after is a member.
// Adopting once more what has made it a member changes nothing.
func Adopt(l Layout, a Adoption) (Node, error) {
	if n, err := Load(l); err == nil && n.ID == a.ID {
		return n, removeJoining(l)
	}
	if err := refuseMember(l); err != nil {
		return Node{}, err
	}
	n, write, err := a.check(l)
	if err != nil {
		return Node{}, refuse(err, "make a new token with: dcloud node token; if it comes again, report it",
			"the pool's answer cannot be used: %v", err)
	}
	if err := Prepare(l); err != nil {
		return Node{}, err
	}
	for _, w := range write {
		if err := writeFile(w.path, w.data); err != nil {
			return Node{}, err
		}
	}
	if a.Intro != "" {
		if err := WriteIntroToken(l, a.Intro); err != nil {
			return Node{}, err
		}
	}
	if _, err := store(l, n); err != nil {
		return Node{}, err
	}
	n.Open = true
	return n, removeJoining(l)
}

// file is one that is to be written.
type file struct {
	path string
	data []byte
}

// check says what in an adoption cannot be, and returns the node and all files but
// its own, in the order in which they are written.
func (a Adoption) check(l Layout) (Node, []file, error) {
	n := Node{
		Format: format, ID: a.ID, Name: a.Name, Domain: CleanDomain(a.Domain), HTTPPort: a.HTTPPort, HTTPSPort: a.HTTPSPort,
		Pool: a.Pool, Address: a.Address, Datacenter: a.Datacenter, Region: a.Region, Timezone: a.Timezone,
		Created: a.Joined.UTC().Truncate(time.Second), Role: a.Role, Servers: slices.Clone(a.Servers),
	}
	id, wireGuard, keyText, err := readJoining(l)
	if err != nil {
		return Node{}, nil, err
	}
	switch err := n.check(); {
	case err != nil:
		return Node{}, nil, err
	case a.ID != id:
		return Node{}, nil, errors.New("it is for another machine")
	case a.Address == a.Pool.Masked().Addr() || !a.Address.Is4():
		return Node{}, nil, fmt.Errorf("%s is no host's address", a.Address)
	case len(a.Intro) > maxIntro || !isJWT(a.Intro) && a.Intro != "":
		return Node{}, nil, errors.New("the introduction token is none of Nomad's")
	}
	if _, err := choosePool(a.Pool, nil); err != nil || a.Pool != a.Pool.Masked() {
		return Node{}, nil, fmt.Errorf("%s is no range for a pool", a.Pool)
	}
	if _, err := time.LoadLocation(a.Timezone); err != nil || a.Timezone == "" {
		return Node{}, nil, fmt.Errorf("%q is no known time zone", shorten(a.Timezone))
	}
	certs, err := checkAnswer(n, a.Authority, a.Certs, keyText)
	if err != nil {
		return Node{}, nil, err
	}
	secrets, err := checkGiven(a.Role, a.Secrets)
	if err != nil {
		return Node{}, nil, err
	}
	files, err := a.authorityFiles(l)
	if err != nil {
		return Node{}, nil, err
	}
	for name, text := range certs {
		files = append(files, file{l.Cert(name), text})
	}
	for _, f := range secrets {
		files = append(files, file{filepath.Join(l.Secrets(), f.name), []byte(a.Secrets[f.name] + "\n")})
	}
	return n, append(files, file{l.WireGuardKey(), []byte(wireGuard + "\n")}), nil
}

// checkGiven is checkSecrets where nothing may be missing but what is made here.
func checkGiven(role string, values map[string]string) ([]secretFile, error) {
	files, err := checkSecrets(role, values)
	if err != nil {
		return nil, err
	}
	for _, name := range secretsOf(role) {
		own := name == SecretWireGuard || name == SecretAPI && role != RoleServer
		if !own && values[name] == "" {
			return nil, fmt.Errorf("the secret %s is missing", name)
		}
	}
	return files, nil
}

// authorityFiles are the authority's certificate and, for a server, its key.
func (a Adoption) authorityFiles(l Layout) ([]file, error) {
	ca, err := decodeCert([]byte(a.Authority))
	if err != nil {
		return nil, errors.New("the authority's certificate is none")
	}
	files := []file{{l.CACert(), encodeCert(ca)}}
	switch {
	case a.Role != RoleServer && a.AuthorityKey != "":
		return nil, fmt.Errorf("a machine of the role %s gets no authority's key", a.Role)
	case a.Role != RoleServer:
		return files, nil
	case len(a.AuthorityKey) > maxPEM:
		return nil, errors.New("the authority's key is too long")
	}
	key, err := decodeKey([]byte(a.AuthorityKey))
	if err != nil || !key.PublicKey.Equal(ca.PublicKey) {
		return nil, errors.New("the authority's key is not that of its certificate")
	}
	text, err := encodeKey(key)
	if err != nil {
		return nil, err
	}
	return append(files, file{l.CAKey(), text}), nil
}

// readJoining reads what NewRequest has kept.
func readJoining(l Layout) (id, wireGuard string, key []byte, err error) {
	var texts [3]string
	for i, name := range []string{joinID, SecretWireGuard, joinKey} {
		data, err := os.ReadFile(l.joinFile(name))
		if errors.Is(err, fs.ErrNotExist) {
			return "", "", nil, errors.New("this machine has not asked to join")
		}
		if err != nil {
			return "", "", nil, fmt.Errorf("read what this machine joins with: %w", err)
		}
		texts[i] = strings.TrimSpace(string(data))
	}
	ec, err := decodeKey([]byte(texts[2]))
	if err == nil && !isWireGuardKey(texts[1]) {
		err = errors.New("the key of the pool's network is none")
	}
	if err != nil {
		return "", "", nil, fmt.Errorf("read what this machine joins with: %w", err)
	}
	if key, err = encodeKey(ec); err != nil {
		return "", "", nil, err
	}
	return texts[0], texts[1], key, nil
}

func removeJoining(l Layout) error {
	if err := os.RemoveAll(l.Joining()); err != nil {
		return fmt.Errorf("tidy up after joining: %w", err)
	}
	return nil
}
