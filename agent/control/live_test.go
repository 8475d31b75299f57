package control

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"
	"github.com/vishvananda/netlink"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/provisioning/node"
)

// The test starts itself once more in a network namespace of its own, which ends
// with it: so all default ports are free and nothing is left behind.
const insideNamespace = "DCLOUD_TEST_INSIDE_NAMESPACE"

// patient bounds a wait for an engine, on a machine that others use too.
const patient = 3 * time.Minute

func TestOurRecordsAreSafeInTheRealConsulAndNomad(t *testing.T) {
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
	for _, c := range []struct {
		promise string
		test    func(*testing.T, *testBed)
	}{
		{"engines' tokens are made once and then kept", tokensAreKept},
		{"of two installs of a name at once one wins", oneInstallWins},
		{"a host is one app's alone, and given back", hostsAreClaimed},
		{"a record that changed meanwhile is not overwritten", nothingIsOverwritten},
		{"an install does not go by what was there before a removal", leftoversAreChecked},
		{"hosts without an app are given back", hostsAreSwept},
		{"an agent that was killed is succeeded long before its session ends", killedAgentIsSucceeded},
		{"the lock of another machine is respected", otherMachinesLockHolds},
		{"secrets are made once, and their revision is that of their last change", secretsAreKept},
		{"every server tells the same history, and a change that was not written is not in it", historyIsTheSameEverywhere},
		{"an operation whose agent died comes to an end in the history", brokenOffIsFinished},
		{"the history keeps a thousand changes", oldestAreForgotten},
		{"settings are kept, and two that change them lose nothing", settingsAreKept},
		{"the password for mail is not among the settings", mailPasswordIsNotAmongTheSettings},
		{"failures are told, each once", failuresAreTold},
		{"a job is shown without its secrets", jobIsShownWithoutSecrets},
		{"a password that is given is in the variable of its app, and nowhere else", passwordsAreKept},
		{"going back to earlier settings is going back to the earlier password", passwordsGoBack},
		{"a password whose intent was not written is taken back", passwordsAreTakenBack},
		{"an override is held to Nomad's own parser, and a refused one changes nothing", overridesAreHeldToNomadsOwnParser},
		{"a plan says what would change, and changes nothing", plansSayWhatWouldChange},
		{"an override that does not fit any more is told of, and stops nothing", overridesOutliveTheirEntry},
		{"an override with which an app fails is put back", overridesThatFailAreUndone},
		{"the documents' examples of overrides work", examplesOfTheDocumentsWork},
		{"what is exported is the same job", exportsAreTheSameJob},
		{"what is exported is what was written, without each default", exportsAreWhatWasBuilt},
		{"without Consul the work stops, requests say so, and it goes on after", consulComesBack},
	} {
		t.Run(c.promise, func(t *testing.T) { c.test(t, b) })
	}
}

// eventually polls an engine, which tells nobody when it has got there.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	deadline := time.Now().Add(patient)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, code string, err error) {
	t.Helper()
	if e := agent.AsError(err); e == nil || e.Code != code || e.Hint == "" {
		t.Errorf("%+v, want %s with a hint", e, code)
	}
}

func intentOf(name string, hosts ...string) *Intent {
	return &Intent{Name: name, Entry: "whoami", Desired: desiredRunning, Manifest: "m", Hosts: hosts}
}

func tokensAreKept(t *testing.T, b *testBed) {
	tokens := func() int {
		list, _, err := b.consul.ACL().TokenList(nil)
		check(t, err)
		return len(list)
	}
	before := tokens()
	grants := append([]Grant{}, b.grants...)
	grants[1].Rules = "# narrower\n" + grants[1].Rules
	for range 2 {
		check(t, bootstrapConsul(t.Context(), b.consul, grants))
	}
	if after := tokens(); after != before {
		t.Errorf("%d tokens became %d", before, after)
	}
	policy, _, err := b.consul.ACL().PolicyReadByName("dcloud-nomad", nil)
	check(t, err)
	if policy.Rules != grants[1].Rules {
		t.Error("a changed policy does not take effect")
	}
	check(t, bootstrapConsul(t.Context(), b.consul, b.grants))
}

func oneInstallWins(t *testing.T, b *testBed) {
	st := b.service("bed").store
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for k := range errs {
		wg.Go(func() { errs[k] = st.create(context.Background(), intentOf("twice", "twice.d"), nil) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if e := agent.AsError(err); e.Code != agent.CodeConflict || e.Message != `there is an app called "twice" already` {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won", won, len(errs))
	}
}

func hostsAreClaimed(t *testing.T, b *testBed) {
	ctx, st := t.Context(), b.service("bed").store
	one, two := intentOf("one", "shared.d"), intentOf("two", "two.d", "shared.d")
	check(t, st.create(ctx, one, nil))
	wantCode(t, agent.CodeConflict, st.create(ctx, two, nil))
	if i, err := st.intent(ctx, "two"); i != nil || err != nil {
		t.Errorf("half of it was written: %v, %v", i, err)
	}
	check(t, st.rehost(ctx, one, []string{"shared.e"}))
	check(t, st.create(ctx, two, nil))
	wantCode(t, agent.CodeConflict, st.rehost(ctx, two, []string{"two.e", "shared.e"}))
	check(t, st.delete(ctx, one, nil))
	check(t, st.rehost(ctx, two, []string{"two.e", "shared.e"}))
	check(t, st.delete(ctx, two, nil))
	hosts, _, err := b.consul.KV().Keys(prefixHosts, "", nil)
	check(t, err)
	if len(hosts) != 1 { // that of the app `twice`
		t.Errorf("hosts are left: %q", hosts)
	}
}

func nothingIsOverwritten(t *testing.T, b *testBed) {
	ctx, st := t.Context(), b.service("bed").store
	mine := intentOf("cas")
	check(t, st.create(ctx, mine, nil))
	theirs, err := st.intent(ctx, "cas")
	check(t, err)
	theirs.Restarts = 7
	check(t, st.update(ctx, theirs))
	wantCode(t, agent.CodeConflict, st.update(ctx, mine))
	wantCode(t, agent.CodeConflict, st.delete(ctx, mine, nil))
	got, err := st.intent(ctx, "cas")
	check(t, err)
	if got.Restarts != 7 {
		t.Errorf("%d restarts", got.Restarts)
	}
	check(t, st.update(ctx, theirs)) // its own index is kept
	check(t, st.delete(ctx, theirs, nil))
}

func leftoversAreChecked(t *testing.T, b *testBed) {
	ctx, st := t.Context(), b.service("bed").store
	i := intentOf("again")
	check(t, st.create(ctx, i, nil))
	check(t, st.delete(ctx, i, &kept{Name: "again", Entry: "whoami"}))
	wantCode(t, agent.CodeConflict, st.create(ctx, intentOf("again"), nil)) // it was checked before that
	left, err := st.kept(ctx, "again")
	check(t, err)
	i = intentOf("again")
	check(t, st.create(ctx, i, left))
	check(t, st.delete(ctx, i, nil))
	if left, err = st.kept(ctx, "again"); left != nil || err != nil {
		t.Errorf("a note stays: %+v, %v", left, err)
	}
}

func hostsAreSwept(t *testing.T, b *testBed) {
	ctx, st := t.Context(), b.service("bed").store
	check(t, st.create(ctx, intentOf("stays", "stays.d"), nil))
	check(t, st.create(ctx, intentOf("goes", "goes.d"), nil))
	_, err := b.consul.KV().Delete(prefixApps+"goes", nil) // by hand
	check(t, err)
	_, err = b.consul.KV().Put(&consul.KVPair{Key: prefixApps + "stays", Value: []byte("{")}, nil)
	check(t, err)
	wantCode(t, agent.CodeFailed, func() error { _, err := st.intent(ctx, "stays"); return err }())
	check(t, st.sweepHosts(ctx))
	check(t, st.create(ctx, intentOf("other", "goes.d"), nil))
	wantCode(t, agent.CodeConflict, st.create(ctx, intentOf("other2", "stays.d"), nil)) // damaged, and still there
}

// leading runs the service's lead and tells when its work begins and ends.
func leading(ctx context.Context, s *Service) (begun, ended <-chan time.Time) {
	b, e := make(chan time.Time, 16), make(chan time.Time, 16)
	go func() {
		_ = s.lead(ctx, func(ctx context.Context) {
			b <- time.Now()
			<-ctx.Done()
			e <- time.Now()
		})
	}()
	return b, e
}

func await(t *testing.T, what string, c <-chan time.Time) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patient):
		t.Fatalf("%s: not within %s", what, patient)
	}
}

// holdAs takes the lock like an agent that is killed then: its session stays, for longer
// than anybody here waits.
func holdAs(t *testing.T, b *testBed, name string) string {
	id, _, err := b.consul.Session().CreateNoChecks(&consul.SessionEntry{TTL: (10 * patient).String(), Behavior: consul.SessionBehaviorRelease, LockDelay: time.Millisecond}, nil)
	check(t, err)
	value := fmt.Appendf(nil, `{"node":%q,"session":%q}`, name, id)
	eventually(t, "the lock is free", func() error {
		ok, _, err := b.consul.KV().Acquire(&consul.KVPair{Key: keyLeader, Value: value, Session: id}, nil)
		if err == nil && !ok {
			err = errors.New("held")
		}
		return err
	})
	return id
}

func killedAgentIsSucceeded(t *testing.T, b *testBed) {
	holdAs(t, b, "bed")
	ctx, cancel := context.WithCancel(t.Context())
	begun, ended := leading(ctx, b.service("bed"))
	await(t, "the next agent leads", begun)
	pair, _, err := b.consul.KV().Get(keyLeader, nil)
	check(t, err)
	_, err = b.consul.Session().Destroy(pair.Session, nil)
	check(t, err)
	await(t, "the work ends with the lock", ended)
	await(t, "it leads again", begun)
	cancel()
	await(t, "the work ends with the agent", ended)
}

func otherMachinesLockHolds(t *testing.T, b *testBed) {
	id := holdAs(t, b, "elsewhere")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := b.service("bed")
	begun, _ := leading(ctx, s)
	if node, self := s.Leader(ctx); node != "elsewhere" || self {
		t.Errorf("the leader is %q, itself: %v", node, self)
	}
	select {
	case <-begun:
		t.Fatal("two lead")
	case <-time.After(2 * time.Second): // long enough for several tries
	}
	_, err := b.consul.Session().Destroy(id, nil)
	check(t, err)
	await(t, "it leads once the other is gone", begun)
	if node, self := s.Leader(ctx); node != "bed" || !self {
		t.Errorf("the leader is %q, itself: %v", node, self)
	}
}

func secretsAreKept(t *testing.T, b *testBed) {
	b.start(t, node.Nomad)
	var first bool
	eventually(t, "Nomad is set up", func() (err error) {
		now, err := bootstrapNomad(t.Context(), b.nomad, b.secrets.NomadBootstrap)
		first = first || now
		return err
	})
	again, err := bootstrapNomad(t.Context(), b.nomad, b.secrets.NomadBootstrap)
	if !first || again || err != nil {
		t.Errorf("set up for the first time: %v, and then %v, %v", first, again, err)
	}
	check(t, awaitKeys(t.Context(), b.nomad))
	s, ctx := b.service("bed"), t.Context()
	entry := &catalog.App{Secrets: []catalog.Secret{{Name: "a"}, {Name: "b", Charset: "digits", Length: 6}}}
	made, revision, err := s.ensureSecrets(ctx, "vault", entry, nil)
	check(t, err)
	before, err := s.readSecrets(ctx, "vault")
	check(t, err)
	if made != 2 || revision == 0 || revision != before.ModifyIndex || len(before.Items["b"]) != 6 {
		t.Errorf("made %d at revision %d", made, revision)
	}
	made, same, err := s.ensureSecrets(ctx, "vault", entry, nil)
	if made != 0 || same != revision || err != nil {
		t.Errorf("once more: made %d at revision %d, %v", made, same, err)
	}
	before.Items["a"] = "by hand"
	_, _, err = b.nomad.Variables().Update(before, nil)
	check(t, err)
	entry.Secrets = append(entry.Secrets, catalog.Secret{Name: "c"})
	made, later, err := s.ensureSecrets(ctx, "vault", entry, nil)
	after, readErr := s.readSecrets(ctx, "vault")
	check(t, errors.Join(err, readErr))
	if made != 1 || later <= revision || after.Items["a"] != "by hand" || after.Items["c"] == "" {
		t.Errorf("a new one: made %d at revision %d, was %d", made, later, revision)
	}
	for range 2 {
		check(t, s.deleteSecrets(ctx, "vault"))
	}
	if v, err := s.readSecrets(ctx, "vault"); v != nil || err != nil {
		t.Errorf("after: %v, %v", v, err)
	}
}

func consulComesBack(t *testing.T, b *testBed) {
	s := b.service("bed")
	ctx, cancel := context.WithCancel(t.Context())
	begun, ended := leading(ctx, s)
	await(t, "it leads", begun)
	b.kill(node.Consul)
	_, err := s.Start(ctx, "twice")
	wantCode(t, agent.CodeUnavailable, err)
	_, err = s.Remove(ctx, "twice", true)
	wantCode(t, agent.CodeUnavailable, err)
	await(t, "the work stops when nobody can say whose the lock is", ended)
	b.start(t, node.Consul)
	await(t, "it goes on", begun)
	if i, err := s.store.intent(ctx, "twice"); i == nil || err != nil {
		t.Errorf("a record is lost: %v, %v", i, err)
	}
	cancel()
	await(t, "the work ends with the agent", ended)
}
