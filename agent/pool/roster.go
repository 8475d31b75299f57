package pool

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
)

// Roster says who belongs to the pool, and what all of it must know. The servers
// sign it with the pool's authority, so that a member can carry it to the others
// and none can change it.
type Roster struct {
	Serial uint64 `json:"serial"` // grows with each change; an older one is never taken for a newer
	// Domain under which apps get their names.
	Domain    string `json:"domain"`
	HTTPPort  int    `json:"http_port"`
	HTTPSPort int    `json:"https_port"`
	// Keys numbers the generation of the gossip keys: a member that has older ones
	// fetches the new ones from a server.
	Keys    uint64   `json:"keys"`
	Members []Member `json:"members"`
}

// signed is how a roster travels.
type signed struct {
	Roster    json.RawMessage `json:"roster"`
	Signature []byte          `json:"signature"` // ECDSA with SHA-256 over the roster's bytes, ASN.1
}

// rosterContext keeps a signature over a roster from being one over anything else.
const rosterContext = "dcloud roster 1\n"

// Sign returns the roster as it travels. key is the pool authority's.
func (r Roster) Sign(key *ecdsa.PrivateKey) ([]byte, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("write the roster: %w", err)
	}
	sum := sha256.Sum256(append([]byte(rosterContext), body...))
	signature, err := ecdsa.SignASN1(nil, key, sum[:])
	if err != nil {
		return nil, fmt.Errorf("sign the roster: %w", err)
	}
	return json.Marshal(signed{body, signature})
}

// OpenRoster reads a roster that the pool's authority has signed.
func OpenRoster(data []byte, authority *x509.Certificate) (Roster, error) {
	var s signed
	if err := json.Unmarshal(data, &s); err != nil {
		return Roster{}, fmt.Errorf("read the roster: %w", err)
	}
	key, ok := authority.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return Roster{}, errors.New("read the roster: the pool's authority has no ECDSA key")
	}
	sum := sha256.Sum256(append([]byte(rosterContext), s.Roster...))
	if !ecdsa.VerifyASN1(key, sum[:], s.Signature) {
		return Roster{}, errors.New("read the roster: it is not signed by the pool's authority")
	}
	var r Roster
	if err := json.Unmarshal(s.Roster, &r); err != nil {
		return Roster{}, fmt.Errorf("read the roster: %w", err)
	}
	return r, nil
}

// Member finds a member by its ID.
func (r Roster) Member(id string) (Member, bool) {
	for _, m := range r.Members {
		if m.ID == id {
			return m, true
		}
	}
	return Member{}, false
}

// At finds a member by its address in the pool.
func (r Roster) At(address netip.Addr) (Member, bool) {
	for _, m := range r.Members {
		if m.Address == address {
			return m, true
		}
	}
	return Member{}, false
}

// Servers lists the addresses of the servers.
func (r Roster) Servers() []netip.Addr {
	var list []netip.Addr
	for _, m := range r.Members {
		if m.Role == RoleServer {
			list = append(list, m.Address)
		}
	}
	return list
}
