package control

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

const (
	// protocol is the version of the exchange with which a machine joins.
	protocol = 1
	// mostSkew is how far clocks may be apart: certificates and introduction tokens
	// are good from their second on.
	mostSkew = 5 * time.Minute
	// mostEndpoints bounds what a machine may say of where it can be met.
	mostEndpoints = 16
	mostTaken     = 256
)

// architectures are those that the engines are built for.
var architectures = []string{"amd64", "arm64", "arm", "386"}

var uuidText = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// soundJoin refuses a request that is no sound one, whoever sent it. Its secret is
// not looked at.
func soundJoin(r pool.Request) error {
	broken := func(format string, args ...any) error {
		return agent.Errorf(agent.CodeInvalid, "the request to join is damaged: "+format, args...).
			WithHint("install the version of dcloud that the cloud runs, and try again")
	}
	if r.Protocol != protocol {
		return agent.Errorf(agent.CodeInvalid, "the machine joins in another way (%d) than this cloud does (%d)", r.Protocol, protocol).
			WithHint("install the version of dcloud that the cloud runs: dcloud version tells it there")
	}
	key, err := base64.StdEncoding.DecodeString(r.Key)
	switch {
	case !uuidText.MatchString(r.ID):
		return broken("the machine's ID is no UUID")
	case r.Name != "" && !dnsLabel.MatchString(r.Name):
		return agent.Errorf(agent.CodeInvalid, "%q cannot be a machine's name: lower-case letters, digits and dashes, at most 63", clip(r.Name, 80)).
			WithHint("give another with: dcloud node join --name NAME")
	case err != nil || len(key) != 32 || base64.StdEncoding.EncodeToString(key) != r.Key:
		return broken("it has no key for the private network")
	case len(r.Endpoints) > mostEndpoints || len(r.Taken) > mostTaken:
		return broken("it lists too many addresses")
	case !slices.Contains(architectures, r.Arch):
		return agent.Errorf(agent.CodeInvalid, "this cloud has no engines for the architecture %q", clip(r.Arch, 20)).
			WithHint("there are some for %s", strings.Join(architectures, ", "))
	}
	for _, e := range r.Endpoints {
		if full, ok := hostPort(e); !ok || full != e {
			return broken("%q is no address", clip(e, 80))
		}
	}
	return nil
}

// fitsIn refuses a machine that cannot be part of this cloud as it is now.
func (s *Service) fitsIn(r pool.Request, now time.Time) error {
	if !r.Time.IsZero() {
		if skew := r.Time.Sub(now).Abs(); skew > mostSkew {
			return agent.Errorf(agent.CodeFailed, "the clocks differ: it is %s on the new machine and %s on the server",
				r.Time.UTC().Format(time.DateTime), now.UTC().Format(time.DateTime)).
				WithHint("set the one that is wrong (UTC): timedatectl set-ntp true")
		}
	}
	if !versionsFit(s.Version, r.Version) {
		return agent.Errorf(agent.CodeFailed, "the machine has dcloud %s and this cloud runs %s", clip(r.Version, 40), s.Version).
			WithHint("install dcloud %s on the new machine, and try again", s.Version)
	}
	for _, taken := range r.Taken {
		if taken.IsValid() && taken.Overlaps(s.Members.Range) {
			return agent.Errorf(agent.CodeFailed, "this cloud's private network is %s, and around the new machine %s is in use", s.Members.Range, taken).
				WithHint("take that range off the new machine (ip route shows by what it is used), and try again")
		}
	}
	return nil
}

var release = regexp.MustCompile(`^v?(\d+)\.(\d+)(\.\d+)?(-.*)?$`)

// versionsFit tells whether two versions of dcloud can be in one cloud: releases, and
// builds after one as git describes them (v1.2.3-4-gabcdef), by their first two
// numbers; builds of nothing released ("dev", a bare commit) go with their like.
func versionsFit(a, b string) bool {
	x, y := release.FindStringSubmatch(a), release.FindStringSubmatch(b)
	if x == nil || y == nil {
		return x == nil && y == nil
	}
	return x[1] == y[1] && x[2] == y[2]
}

// keyOfCSR names the key that a request for a certificate is for. Whoever made the
// request has that key: it is signed with it.
func keyOfCSR(text string) (string, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		return "", fmt.Errorf("it is no certificate request")
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return "", err
	}
	if err := csr.CheckSignature(); err != nil {
		return "", err
	}
	sum := sha256.Sum256(csr.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:]), nil
}

// seat decides who a machine that may join becomes: a new member, or the one that
// it is already. used is whether a use of its token goes with it.
func seat(r *roster, req pool.Request, csrKey string, t *tokenRecord, in netip.Prefix, now time.Time) (n *nodeRecord, used bool, err error) {
	for _, other := range r.nodes {
		if other.ID != req.ID && other.Key == req.Key {
			return nil, false, agent.Errorf(agent.CodeConflict, "the new machine has the private network's key of %s: is it a copy of that machine?", other.Name).
				WithHint("make it keys of its own there with: dcloud down --purge, or remove the other with: dcloud node remove %s", other.Name)
		}
	}
	before := r.byID(req.ID)
	same := before != nil && before.Key == req.Key && before.CSRKey == csrKey
	switch {
	case before != nil && before.Removing && before.Joining:
		return nil, false, agent.Errorf(agent.CodeConflict, "what is left of this machine's last try to join is being taken back").
			WithHint("try again in a minute")
	case before != nil && before.Removing:
		return nil, false, agent.Errorf(agent.CodeConflict, "%s is being removed from this cloud", before.Name).
			WithHint("try again in a minute")
	case same && before.Token == t.ID:
		return before, false, nil
	case before != nil && !before.Joining && !same:
		return nil, false, agent.Errorf(agent.CodeConflict, "there is a machine with the new one's ID already: %s", before.Name).
			WithHint("remove that one first, with: dcloud node remove %s", before.Name)
	case before != nil && !before.Joining && before.Role != t.Role:
		return nil, false, agent.Errorf(agent.CodeConflict, "%s is %s of this cloud already, and the token is for %s", before.Name, article(before.Role), article(t.Role)).
			WithHint("to change that remove it first, with: dcloud node remove %s", before.Name)
	}
	if err := t.open(now); err != nil {
		return nil, false, err
	}
	for _, other := range r.nodes {
		if other.Removing && !other.Joining || other.Op != nil && other.Op.Kind == opRemoveNode {
			// Who is let in now would be given keys that are on their way out, and a name
			// with a number. It asks again by itself.
			return nil, false, agent.Errorf(agent.CodeUnavailable, "the cloud is replacing its keys, since %s is being removed", other.Name).
				WithHint("try again in a minute; see how far it is with: dcloud node list")
		}
	}
	if before != nil && !before.Joining {
		again := *before
		again.Token = t.ID
		return &again, true, nil
	}
	n = &nodeRecord{Member: pool.Member{ID: req.ID, Key: req.Key}}
	if before != nil { // it was broken off, and another token is used now
		*n = *before
		n.Key = req.Key
	} else if n.Address, err = allotAddress(in, r, now); err != nil {
		return nil, false, agent.Errorf(agent.CodeFailed, "this cloud is full: %w", err).
			WithHint("remove a machine that is not needed any more: dcloud node list")
	}
	n.Name, n.Role = allotName(req.Name, req.ID, r), t.Role
	n.Endpoints, n.Arch, n.Token, n.CSRKey = req.Endpoints, req.Arch, t.ID, csrKey
	n.Joining, n.Since, n.Joined, n.Actor, n.Op = true, now, now, t.Actor, nil
	return n, true, nil
}

func article(role string) string {
	if role == pool.RoleIngress {
		return "an " + role
	}
	return "a " + role
}

// open says why no further machine may join with a token, nil if one may.
func (t *tokenRecord) open(now time.Time) error {
	const hint = "on the cloud's server, get a new one: dcloud node token"
	switch {
	case !now.Before(t.Expires):
		return agent.Errorf(agent.CodeUnauthorized, "the token was good until %s", t.Expires.UTC().Format("2006-01-02 15:04:05 UTC")).WithHint(hint)
	case t.Left <= 0 && len(t.Used) > 0:
		last := t.Used[len(t.Used)-1]
		return agent.Errorf(agent.CodeUnauthorized, "the token has been used: %s joined with it at %s", last.Name, last.Time.UTC().Format("2006-01-02 15:04:05 UTC")).WithHint(hint)
	case t.Left <= 0:
		return agent.Errorf(agent.CodeUnauthorized, "the token has been used").WithHint(hint)
	}
	return nil
}
