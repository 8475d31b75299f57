package peer

import (
	"crypto/x509"
	"net/url"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// Identity is what a certificate says of its holder.
type Identity struct{ ID, Role string }

// URI is how an identity stands in a certificate: dcloud://node/ID/ROLE.
func (i Identity) URI() *url.URL {
	return &url.URL{Scheme: "dcloud", Host: "node", Path: "/" + i.ID + "/" + i.Role}
}

// ParseIdentity reads what URI writes, and nothing else.
func ParseIdentity(u *url.URL) (Identity, bool) {
	id, role, ok := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	i := Identity{id, role}
	if !ok || id == "" || !pool.ValidRole(role) || u.String() != i.URI().String() {
		return Identity{}, false
	}
	return i, true
}

// identify reads the identity from a certificate whose chain has been checked. One
// without exactly one URI is not a member's "peer".
func identify(c *x509.Certificate) (Identity, bool) {
	if len(c.URIs) != 1 || c.VerifyHostname(Name) != nil {
		return Identity{}, false
	}
	return ParseIdentity(c.URIs[0])
}

// member finds who shows the certificate in the roster.
func member(c *x509.Certificate, r pool.Roster) (pool.Member, error) {
	i, ok := identify(c)
	if !ok {
		return pool.Member{}, agent.Errorf(agent.CodeUnauthorized, "the certificate is not one with which machines of the pool speak")
	}
	m, ok := r.Member(i.ID)
	if !ok {
		return pool.Member{}, agent.Errorf(agent.CodeUnauthorized, "this machine does not belong to the pool any more").
			WithHint("to let it join again, on a server: dcloud node token")
	}
	if m.Role != i.Role {
		return pool.Member{}, agent.Errorf(agent.CodeUnauthorized, "the certificate is one of a %s, and %s is a %s", i.Role, m.Name, m.Role).
			WithHint("the machine fetches a new one by itself; to look at it: dcloud doctor")
	}
	return m, nil
}
