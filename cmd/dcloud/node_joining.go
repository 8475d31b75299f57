package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/member"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/join"
	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/dentropy/dcloud/agent/pool/peer"
	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/node"
)

// asking asks the cloud to let this machine in, and makes what it is told this
// machine's identity.
func (j *joining) asking() provisioning.Action {
	return provisioning.Action{
		Name: "Joining",
		Check: func(context.Context) (bool, string, error) {
			n, err := node.Load(j.l)
			if errors.Is(err, fs.ErrNotExist) {
				return false, "asking the cloud", nil
			}
			return err == nil, n.Name + ", " + n.Domain, err
		},
		Apply: func(ctx context.Context, progress func(provisioning.Progress)) error {
			ask, err := j.request()
			if err != nil {
				return err
			}
			ask.Progress = func(text string) { progress(provisioning.Progress{Message: text, Percent: -1}) }
			ask.Patience = j.wait
			a, err := join.Ask(ctx, ask)
			if err != nil {
				if ctx.Err() != nil || agent.AsError(err).Code == agent.CodeUnavailable {
					j.id = ask.Request.ID // the cloud may have said yes to nobody
				}
				if abandoned := j.e.forget(ctx, j.l); abandoned != nil {
					return errors.Join(err, abandoned)
				}
				return err
			}
			j.id = ask.Request.ID
			return j.adopt(a)
		},
	}
}

// request is what this machine says of itself.
func (j *joining) request() (join.Options, error) {
	if err := node.Prepare(j.l); err != nil {
		return join.Options{}, err
	}
	id, csr, err := node.NewRequest(j.l, rand.Reader)
	if err != nil {
		return join.Options{}, err
	}
	private, err := node.WireGuardKey(j.l)
	if err != nil {
		return join.Options{}, err
	}
	key, err := overlay.PublicKey(private)
	if err != nil {
		return join.Options{}, err
	}
	name := j.name
	if name == "" {
		if name, err = os.Hostname(); err != nil {
			return join.Options{}, fmt.Errorf("ask for the machine's name: %w", err)
		}
		name = node.CleanName(name)
	}
	j.asked = name
	taken, err := node.Routes(node.Interface)
	if err != nil {
		return join.Options{}, err
	}
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return join.Options{}, err
	}
	memory, err := provisioning.ParseMeminfo(string(text))
	if err != nil {
		return join.Options{}, err
	}
	return join.Options{
		Token: j.parse, Listen: fmt.Sprintf(":%d", pool.Port),
		Request: pool.Request{
			ID: id, Name: name, CSR: csr, Key: key, Endpoints: overlay.Endpoints(pool.Port), Arch: runtime.GOARCH,
			MemoryMB: memory, Version: version, Taken: taken,
		},
	}, nil
}

// adopt writes what the cloud gave. The mark comes first, so that whatever is broken
// off later is known for what it is; the identity comes last.
func (j *joining) adopt(a pool.Admission) error {
	mark := joinMark(j.l)
	if err := os.MkdirAll(filepath.Dir(mark), 0o700); err != nil {
		return err
	}
	if err := node.WriteFile(mark, nil); err != nil {
		return err
	}
	if err := node.WriteFile(member.RosterFile(j.l), a.Roster); err != nil {
		return err
	}
	versions := engineVersions()
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		version := versions[name]
		if want := a.Engines[name]; want != "" && want != version {
			return agent.Errorf(agent.CodeConflict, "the cloud runs %s %s, and this dcloud has %s", name, want, version).
				WithHint("install the version of dcloud that the cloud runs: dcloud version tells it there")
		}
	}
	servers, err := serversOf(a)
	if err != nil {
		return err
	}
	if _, err = node.Adopt(j.l, node.Adoption{
		ID: a.Member.ID, Name: a.Member.Name, Role: a.Member.Role, Address: a.Member.Address, Joined: a.Member.Joined,
		Pool: a.Pool, Domain: a.Domain, HTTPPort: a.HTTPPort, HTTPSPort: a.HTTPSPort,
		Datacenter: a.Datacenter, Region: a.Region, Timezone: a.Timezone,
		Authority: a.Authority, AuthorityKey: a.AuthKey, Certs: a.Certs, Secrets: a.Secrets,
		Servers: servers, Intro: a.Intro,
	}); err != nil {
		return err
	}
	_, err = node.EnsureSecrets(j.l, rand.Reader) // those of this machine alone
	return err
}

// serversOf lists the servers that an admission's roster names.
func serversOf(a pool.Admission) ([]netip.Addr, error) {
	block, _ := pem.Decode([]byte(a.Authority))
	if block == nil {
		return nil, errors.New("the cloud's answer has no authority")
	}
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	roster, err := pool.OpenRoster(a.Roster, authority)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(roster.Servers(), func(s netip.Addr) bool { return s == a.Member.Address }), nil
}

// confirming tells the cloud, over the private network, that this machine works, and
// waits until it can be given apps.
func (j *joining) confirming() provisioning.Action {
	mark := joinMark(j.l)
	return provisioning.Action{
		Name: "Ready for apps",
		Check: func(context.Context) (bool, string, error) {
			_, err := os.Stat(mark)
			if errors.Is(err, fs.ErrNotExist) {
				return true, "confirmed", nil
			}
			return false, "telling the cloud", err
		},
		Apply: func(ctx context.Context, progress func(provisioning.Progress)) error {
			if err := j.confirm(ctx, progress); err != nil {
				return err
			}
			return os.Remove(mark)
		},
	}
}

func (j *joining) confirm(ctx context.Context, progress func(provisioning.Progress)) error {
	ctx, cancel := context.WithTimeout(ctx, cloudPatience)
	defer cancel()
	n, err := node.Load(j.l)
	if err != nil {
		return err
	}
	peers, roster, err := localPeers(j.l)
	if err != nil {
		return err
	}
	last := agent.Errorf(agent.CodeUnavailable, "no server of the cloud answers over the private network").
		WithHint("see that UDP port %d is not blocked on the way, and try again", pool.Port)
	for delay := 100 * time.Millisecond; ; delay = min(2*delay, 2*time.Second) {
		for _, address := range roster.Servers() {
			if address == n.Address {
				continue
			}
			err := peers.Confirm(ctx, address)
			if err == nil {
				return nil
			}
			told := agent.AsError(err)
			switch told.Code {
			case agent.CodeUnavailable, agent.CodeInternal:
			case agent.CodeUnauthorized: // a server that has not heard of this machine yet
			default:
				return told
			}
			last = last.WithHint("%s: %s", address, told.Message)
			progress(provisioning.Progress{Message: "waiting for " + address.String(), Percent: -1})
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return last
		}
	}
}

// localPeers speaks to the other members with what lies on this machine's disk.
func localPeers(l node.Layout) (*peer.Client, pool.Roster, error) {
	authority, err := node.AuthorityCert(l)
	if err != nil {
		return nil, pool.Roster{}, err
	}
	text, err := os.ReadFile(member.RosterFile(l))
	if err != nil {
		return nil, pool.Roster{}, fmt.Errorf("read who is in the cloud: %w", err)
	}
	roster, err := pool.OpenRoster(text, authority)
	if err != nil {
		return nil, pool.Roster{}, err
	}
	return peer.NewClient(peer.Options{
		Certificate: peerCertificate(l), Authority: authority, Roster: func() pool.Roster { return roster },
	}), roster, nil
}

// decline tells the cloud that this machine gives up.
func (j *joining) decline(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	id := j.id
	if id == "" {
		n, err := node.Load(j.l)
		if err != nil {
			return err
		}
		id = n.ID
	}
	return join.Decline(ctx, join.Options{Token: j.parse, Listen: fmt.Sprintf(":%d", pool.Port), Request: pool.Request{ID: id}})
}
