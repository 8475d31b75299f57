package control

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"
	"github.com/vishvananda/netlink"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

func TestMachinesJoinAndLeaveInTheRealConsulAndNomad(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root and the engines")
	}
	if os.Getenv(insideNamespace) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=20m")
		cmd.Env = append(os.Environ(), insideNamespace+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("in a network namespace (as root): %v\n%s", err, out)
		}
		return
	}
	lo, err := netlink.LinkByName("lo")
	check(t, err)
	check(t, netlink.LinkSetUp(lo))
	b := newTestBed(t)
	b.start(t, node.Consul)
	b.start(t, node.Nomad)
	eventually(t, "Nomad is set up", func() error {
		_, err := bootstrapNomad(t.Context(), b.nomad, b.secrets.NomadBootstrap)
		return err
	})
	check(t, awaitKeys(t.Context(), b.nomad))
	// Its own client comes in as all do.
	intro, _, err := b.nomad.ACLIdentity().CreateClientIntroductionToken(&nomad.ACLIdentityClientIntroductionTokenRequest{NodeName: "bed"}, nil)
	check(t, err)
	check(t, node.WriteIntroToken(b.layout, intro.JWT))
	b.kill(node.Nomad)
	b.start(t, node.Nomad)
	eventually(t, "Nomad lists its client", func() error {
		list, _, err := b.nomad.Nodes().List(nil)
		if err == nil && (len(list) != 1 || list[0].Status != nomad.NodeStatusReady) {
			err = fmt.Errorf("%d machines", len(list))
		}
		return err
	})
	p := newTestPool(t, b)
	for _, c := range []struct {
		promise string
		test    func(*testing.T, *testPool)
	}{
		{"a server lists itself, and corrects what the list says of it", serverListsItself},
		{"a token opens the join port until it is used or ends", tokenOpensThePort},
		{"of many that come with a token at once exactly as many get in as it is good for", tokenIsGoodForSoMany},
		{"a wrong secret is told from an old token", wrongSecretIsTold},
		{"the same machine gets the same answer", sameMachineSameAnswer},
		{"a machine that comes with a token that asks waits for a yes to it and its keys alone", machineIsAskedFor},
		{"a machine that is refused is told so, and the token is good for others", refusedMachineIsTold},
		{"however many ask, few are kept, and none longer than its token", waitingIsBounded},
		{"how busy a machine is is told as Nomad measures it", loadIsMeasured},
		{"a machine's Consul token is good for that machine alone", tokenIsForOneMachine},
		{"a join that fails leaves nothing", failedJoinLeavesNothing},
		{"a machine is a full member once Nomad reports it ready", readyMachineIsConfirmed},
		{"a machine that does not come to join is taken back", lateMachineIsTakenBack},
		{"a machine is drained and opened again", machineIsDrained},
		{"a machine that holds data, or the last server, stays", dataKeepsItsMachine},
		{"a removed machine's tokens and policies are gone, and keys replaced", removedMachineHasNothing},
		{"a removal that was broken off is finished", brokenRemovalIsFinished},
		{"what was done to machines is in the history", machinesAreInTheHistory},
		{"that a machine went away and came back is in the history", machineGoesAndIsBack},
		{"gossip keys are replaced while the engines run", gossipKeysAreReplaced},
	} {
		t.Run(c.promise, func(t *testing.T) { c.test(t, p) })
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for k := 1; k < len(p.rosters); k++ {
		if p.rosters[k].Serial <= p.rosters[k-1].Serial {
			t.Errorf("after the roster %d came %d", p.rosters[k-1].Serial, p.rosters[k].Serial)
		}
	}
	if len(p.rosters) < 10 {
		t.Errorf("only %d rosters were told", len(p.rosters))
	}
}

func serverListsItself(t *testing.T, p *testPool) {
	eventually(t, "it is in the list", func() error {
		nodes, err := p.s.Nodes(t.Context())
		if err == nil && (len(nodes) != 1 || nodes[0].Name != "bed" || !nodes[0].Self || nodes[0].Role != pool.RoleServer || nodes[0].Address != "10.213.0.1") {
			err = fmt.Errorf("%+v", nodes)
		}
		return err
	})
	before := p.roster(t).pool.Serial
	check(t, p.s.listSelf(t.Context()))
	if after := p.roster(t).pool.Serial; after != before {
		t.Errorf("nothing changed, and the serial %d became %d", before, after)
	}
	p.s.Members.Self.Endpoints = []string{"198.51.100.1:51820"}
	check(t, p.s.listSelf(t.Context()))
	if r := p.roster(t); r.pool.Serial != before+1 || r.byName("bed").Endpoints[0] != "198.51.100.1:51820" {
		t.Errorf("%+v", r.public())
	}
}

func (p *testPool) awaitOpen(t *testing.T, want bool) {
	t.Helper()
	eventually(t, fmt.Sprintf("the join port is open: %v", want), func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.open) == 0 || p.open[len(p.open)-1] != want {
			return fmt.Errorf("%v", p.open)
		}
		return nil
	})
}

func tokenOpensThePort(t *testing.T, p *testPool) {
	p.awaitOpen(t, false)
	req := p.token(t, agent.TokenRequest{TTL: time.Minute, Role: "ingress"})
	p.awaitOpen(t, true)
	a, err := p.s.Admit(t.Context(), req(1, "pi"))
	check(t, err)
	if a.Member.Name != "pi" || a.Member.Role != "ingress" || a.Member.Address.String() != "10.213.0.2" || !a.Member.Joining ||
		a.Intro == "" || a.AuthKey != "" || a.Certs["peer"] != "pi" || a.Secrets["pool-gossip"] != "k" ||
		a.Secrets["consul-agent-token"] == "" || a.Secrets["consul-agent-token"] != a.Secrets["consul-nomad-token"] || a.Secrets["consul-traefik-token"] == "" {
		t.Errorf("%+v, secrets %d", a.Member, len(a.Secrets))
	}
	r, err := pool.OpenRoster(a.Roster, &x509.Certificate{PublicKey: p.key.Public()})
	check(t, err)
	if m, in := r.Member(a.Member.ID); !in || !sameMember(m, a.Member) || len(r.Members) != 2 {
		t.Errorf("the roster is %+v", r)
	}
	p.awaitOpen(t, true) // it may have to ask again
	check(t, p.s.Decline(t.Context(), a.Member.ID))
	if p.roster(t).byName("pi") != nil || p.policies(t) != "" {
		t.Errorf("declined, and there is %q", p.policies(t))
	}
	a, err = p.s.Admit(t.Context(), req(1, "pi")) // the use came back
	check(t, err)
	check(t, p.s.Decline(t.Context(), a.Member.ID))
	p.setLater(2 * time.Minute)
	defer p.setLater(0)
	_, err = p.s.Admit(t.Context(), req(1, "pi"))
	wantCode(t, agent.CodeUnauthorized, err)
	if err == nil || !strings.Contains(err.Error(), "was good until") || errors.Is(err, pool.ErrSecret) {
		t.Error(err)
	}
	check(t, p.s.store.sweepTokens(t.Context(), p.s.Now()))
	if list, err := p.s.store.tokens(t.Context()); len(list) != 1 || err != nil {
		t.Errorf("it is forgotten at once: %v", err)
	}
	check(t, p.s.store.sweepTokens(t.Context(), p.s.Now().Add(remembersToken)))
	if list, err := p.s.store.tokens(t.Context()); len(list) != 0 || err != nil {
		t.Errorf("it stays for ever: %v", err)
	}
	p.awaitOpen(t, false)
}

func tokenIsGoodForSoMany(t *testing.T, p *testPool) {
	req := p.token(t, agent.TokenRequest{Uses: 3})
	var wg sync.WaitGroup
	got, errs := make([]pool.Admission, 10), make([]error, 10)
	requests := make([]pool.Request, len(errs))
	for k := range errs {
		requests[k] = req(10+k, "same")
	}
	for k := range errs {
		wg.Go(func() { got[k], errs[k] = p.s.Admit(context.Background(), requests[k]) })
	}
	wg.Wait()
	names, addresses, in := map[string]bool{}, map[netip.Addr]bool{}, 0
	for k, err := range errs {
		if err == nil {
			in++
			names[got[k].Member.Name], addresses[got[k].Member.Address] = true, true
			continue
		}
		if !strings.Contains(err.Error(), "has been used") {
			t.Error(err)
		}
	}
	if in != 3 || len(names) != 3 || len(addresses) != 3 || !names["same"] || !names["same-2"] || !names["same-3"] {
		t.Errorf("%d got in as %v at %v", in, names, addresses)
	}
	for k, err := range errs {
		if err == nil {
			check(t, p.s.Decline(t.Context(), got[k].Member.ID))
		}
	}
	if n := len(p.roster(t).nodes); n != 1 || p.policies(t) != "" {
		t.Errorf("%d machines and %q are left", n, p.policies(t))
	}
}

func wrongSecretIsTold(t *testing.T, p *testPool) {
	good := p.token(t, agent.TokenRequest{})(1, "pi")
	for what, edit := range map[string]func(*pool.Request){
		"another secret": func(r *pool.Request) { r.Secret = strings.Repeat("0", len(r.Secret)) },
		"no secret":      func(r *pool.Request) { r.Secret = "" },
		"another ID":     func(r *pool.Request) { r.Token = "0123456789" },
		"a path":         func(r *pool.Request) { r.Token = "../nodes/" + p.s.Members.Self.ID },
	} {
		r := good
		edit(&r)
		_, err := p.s.Admit(t.Context(), r)
		wantCode(t, agent.CodeUnauthorized, err)
		if !errors.Is(err, pool.ErrSecret) || err != nil && strings.Contains(err.Error(), good.Secret) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := len(p.roster(t).nodes); n != 1 {
		t.Errorf("%d machines", n)
	}
}

func sameMachineSameAnswer(t *testing.T, p *testPool) {
	req := p.token(t, agent.TokenRequest{Uses: 2})(1, "pi")
	first, err := p.s.Admit(t.Context(), req)
	check(t, err)
	again, err := p.s.Admit(t.Context(), req)
	check(t, err)
	if !sameMember(first.Member, again.Member) || first.Secrets["consul-agent-token"] != again.Secrets["consul-agent-token"] {
		t.Errorf("%+v and then %+v", first.Member, again.Member)
	}
	if token, err := p.s.store.token(t.Context(), req.Token); err != nil || token.Left != 1 {
		t.Errorf("%+v, %v", token, err)
	}
	other := p.token(t, agent.TokenRequest{Role: "server"})(1, "desk")
	third, err := p.s.Admit(t.Context(), other)
	check(t, err)
	if third.Member.Address != first.Member.Address || third.Member.Name != "desk" || third.Member.Role != "server" || third.AuthKey != "ca key" ||
		third.Secrets["consul-agent-token"] == first.Secrets["consul-agent-token"] || p.policies(t) != "dcloud-door-desk dcloud-node-desk" {
		t.Errorf("with another token: %+v, %s", third.Member, p.policies(t))
	}
	check(t, p.s.Decline(t.Context(), first.Member.ID))
}

func tokenIsForOneMachine(t *testing.T, p *testPool) {
	a, err := p.s.Admit(t.Context(), p.token(t, agent.TokenRequest{})(1, "pi"))
	check(t, err)
	c, err := DialConsul(fmt.Sprintf("127.0.0.1:%d", node.ConsulHTTPPort), a.Secrets["consul-agent-token"])
	check(t, err)
	own := &consul.CatalogRegistration{ID: a.Member.ID, Node: "pi", Address: "10.213.0.2"}
	_, err = c.Catalog().Register(own, nil)
	check(t, err)
	denied := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "Permission denied") {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = c.Catalog().Register(&consul.CatalogRegistration{Node: "bed", Address: "10.213.0.66"}, nil)
	denied("another machine's address", err)
	_, err = c.Catalog().Register(&consul.CatalogRegistration{Node: "pi-2", Address: "10.213.0.2"}, nil)
	denied("another name", err)
	_, err = c.KV().Put(&consul.KVPair{Key: prefixNodes + p.s.Members.Self.ID, Value: []byte("{}")}, nil)
	denied("another machine's record", err)
	_, err = c.KV().Put(&consul.KVPair{Key: prefixNodes + a.Member.ID, Value: []byte("{}")}, nil)
	denied("its own record", err)
	_, _, err = c.ACL().TokenList(nil)
	denied("the tokens", err)
	denied("gossip keys", c.Operator().KeyringInstall(testKey(t), nil))
	if pairs, _, err := c.KV().List("dcloud/", nil); err == nil && len(pairs) > 0 {
		t.Errorf("it reads %d records", len(pairs))
	}
	check(t, p.s.Decline(t.Context(), a.Member.ID))
	if nodes, _, err := p.consul.Catalog().Node("pi", nil); nodes != nil || err != nil {
		t.Errorf("Consul still lists it: %+v, %v", nodes, err)
	}
	_, err = c.Catalog().Register(own, nil)
	if err == nil {
		t.Error("its token is good for something after it was taken back")
	}
}

func failedJoinLeavesNothing(t *testing.T, p *testPool) {
	req := p.token(t, agent.TokenRequest{Role: "ingress"})(1, "pi")
	for _, s := range []*Service{p.s, func() *Service { // the one fails early, the other when all has been made
		late := p.s.Deps
		late.Members.Issue = func(pool.Member, string) (map[string]string, error) { return nil, nil }
		late.Members.Sign = func(pool.Roster) ([]byte, error) { return nil, errors.New("no key") }
		return New(late)
	}()} {
		p.mu.Lock()
		p.fail = errors.New("no key")
		p.mu.Unlock()
		_, err := s.Admit(t.Context(), req)
		if err == nil || !strings.Contains(err.Error(), "no key") {
			t.Error(err)
		}
		token, err := p.s.store.token(t.Context(), req.Token)
		if err != nil || token.Left != 1 || len(token.Used) != 0 || p.roster(t).byName("pi") != nil || p.policies(t) != "" {
			t.Errorf("left are %+v, %q, %v", token, p.policies(t), err)
		}
	}
	p.mu.Lock()
	p.fail = nil
	p.mu.Unlock()
}

func readyMachineIsConfirmed(t *testing.T, p *testPool) {
	a, err := p.s.Admit(t.Context(), p.token(t, agent.TokenRequest{})(1, "pi"))
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hasty := p.s.Deps
	hasty.Consul = p.untilAnswered(t, cancel)
	err = New(hasty).Confirm(ctx, a.Member.ID)
	if err == nil || !strings.Contains(err.Error(), "Nomad does not list it yet") {
		t.Errorf("too early: %v", err)
	}
	s := New(p.s.Deps) // its view is ours to set
	done := make(chan error, 1)
	go func() { done <- s.Confirm(t.Context(), a.Member.ID) }()
	stub := func(healthy bool) []*nomad.NodeListStub {
		return []*nomad.NodeListStub{{Name: "pi", Status: nomad.NodeStatusDown}, {Name: "pi", Status: nomad.NodeStatusReady, Drivers: map[string]*nomad.DriverInfo{"docker": {Healthy: healthy}}}}
	}
	s.view.set("nodes", func() { s.view.nodes = stub(false) })
	s.view.set("nodes", func() { s.view.nodes = stub(true) })
	check(t, <-done)
	if n := p.roster(t).byName("pi"); n == nil || n.Joining {
		t.Errorf("%+v", n)
	}
	check(t, s.Confirm(t.Context(), a.Member.ID)) // once more does nothing
	wantCode(t, agent.CodeConflict, p.s.Decline(t.Context(), a.Member.ID))
	wantCode(t, agent.CodeNotFound, s.Confirm(t.Context(), "00000000-0000-4000-8000-00000000dead"))
}

func lateMachineIsTakenBack(t *testing.T, p *testPool) {
	req := p.token(t, agent.TokenRequest{TTL: time.Hour})(2, "late")
	_, err := p.s.Admit(t.Context(), req)
	check(t, err)
	p.setLater(joinsWithin - time.Minute)
	p.s.sweepNodes(t.Context())
	if p.roster(t).byName("late") == nil {
		t.Error("it was taken back too early")
	}
	p.setLater(joinsWithin + time.Minute)
	defer p.setLater(0)
	p.s.sweepNodes(t.Context())
	token, err := p.s.store.token(t.Context(), req.Token)
	if err != nil || token.Left != 1 || p.roster(t).byName("late") != nil || p.policies(t) != "dcloud-node-pi" {
		t.Errorf("left are %+v, %q, %v", token, p.policies(t), err)
	}
	if p.roster(t).byName("pi") == nil { // that had joined before
		t.Error("a full member was taken back")
	}
}
