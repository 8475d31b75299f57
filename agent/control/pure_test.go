package control

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

func TestOfSeveralHostsThatAreTakenTheFirstIsNamedEachTime(t *testing.T) {
	others := map[string]*Intent{}
	var mine []string
	for k := range 20 {
		host := fmt.Sprintf("h%02d.d", k)
		mine = append(mine, host)
		if k > 3 {
			others[host] = &Intent{Name: host, Hosts: []string{host}}
		}
	}
	for range 50 {
		if got := firstTaken(mine, others); got != "h04.d" {
			t.Fatalf("%q is named", got)
		}
	}
	if got := firstTaken(mine[:4], others); got != "" {
		t.Errorf("%q is taken by nobody", got)
	}
}

func TestASecretHasItsLengthAndDrawsEveryCharacterOfItsSet(t *testing.T) {
	for set, letters := range charsets {
		seen := map[rune]int{}
		drawn := 0
		for drawn < 500*len(letters) {
			s, err := newSecret(rand.Reader, catalog.Secret{Charset: set, Length: 200})
			if err != nil || len(s) != 200 {
				t.Fatalf("%q: %d characters, %v", set, len(s), err)
			}
			for _, c := range s {
				seen[c]++
				drawn++
			}
		}
		mean := float64(drawn) / float64(len(letters))
		for _, c := range letters {
			// Over 500 draws each, six standard deviations are 27 percent.
			if n := float64(seen[c]); n < 0.7*mean || n > 1.3*mean {
				t.Errorf("%q: %c was drawn %.0f times of %.0f", set, c, n, mean)
			}
			delete(seen, c)
		}
		if len(seen) > 0 {
			t.Errorf("%q: also drawn: %v", set, slices.Collect(maps.Keys(seen)))
		}
	}
	if s, err := newSecret(rand.Reader, catalog.Secret{}); err != nil || len(s) != 32 {
		t.Errorf("without a length: %d characters, %v", len(s), err)
	}
	if _, err := newSecret(rand.Reader, catalog.Secret{Charset: "runes"}); err == nil {
		t.Error("an unknown set is taken")
	}
	if s, err := newSecret(bytes.NewReader([]byte{1, 2}), catalog.Secret{}); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || s != "" {
		t.Errorf("without randomness: %q, %v", s, err)
	}
}

func TestHostileNamesAreRefused(t *testing.T) {
	good := Intent{Name: "notes-2", Subdomain: "n", Access: "private"}
	if err := checkNames(&good); err != nil {
		t.Error(err)
	}
	long := strings.Repeat("a", 40)
	if err := checkNames(&Intent{Name: long, Subdomain: long}); err != nil {
		t.Error(err)
	}
	for _, name := range []string{
		"", " ", "A", "-a", "a-", "1a", "a_b", "a.b", "a/b", "../a", "a b", "a\n", "a\x00", "ä", "a`)||Host(`x", "${x}", "a%2f", long + "a", strings.Repeat("a", 1<<16),
	} {
		for what, i := range map[string]Intent{"name": {Name: name, Subdomain: "n"}, "subdomain": {Name: "n", Subdomain: name}} {
			err := agent.AsError(checkNames(&i))
			if err == nil || err.Code != agent.CodeInvalid || err.Hint == "" || len(err.Message) > 400 || !strings.Contains(err.Message, what) {
				t.Errorf("%s %.20q: %v", what, name, err)
			}
		}
	}
	if err := agent.AsError(checkNames(&Intent{Name: "a", Subdomain: "panel"})); err == nil || err.Code != agent.CodeConflict {
		t.Errorf("the panel's own address: %v", err)
	}
	if err := agent.AsError(checkNames(&Intent{Name: "a", Subdomain: "a", Access: "everybody"})); err == nil || err.Code != agent.CodeInvalid {
		t.Errorf("an unknown access: %v", err)
	}
}

func TestAccessIsTheEntrysOnlyWhereAllItsPortsAgree(t *testing.T) {
	entry := func(access ...string) *catalog.App {
		var svc catalog.Service
		for _, a := range access {
			svc.Exposes = append(svc.Exposes, catalog.Expose{Access: a})
		}
		return &catalog.App{Services: []catalog.Service{svc}}
	}
	for _, c := range []struct {
		want   string
		access []string
	}{{"", nil}, {"app", []string{"app"}}, {"public", []string{"public", "public"}}, {"", []string{"app", "private"}}} {
		if got := commonAccess(entry(c.access...)); got != c.want {
			t.Errorf("%v: %q", c.access, got)
		}
	}
}

func TestARecordThatMakesNoSenseIsDamaged(t *testing.T) {
	read := func(key, value string) error {
		_, err := decodeIntent(&consul.KVPair{Key: prefixApps + key, Value: []byte(value), ModifyIndex: 7})
		return err
	}
	if err := read("a", `{"name":"a","desired":"running"}`); err != nil {
		t.Error(err)
	}
	for _, value := range []string{
		"", "{", "null", "[]", `{}`, `{"name":"b","desired":"running"}`, `{"name":"a"}`, `{"name":"a","desired":"dancing"}`,
		`{"name":"a","desired":"removed"}`, `{"name":"a","desired":"running","op":{"kind":"explode"}}`, `{"name":"a","desired":"running","op":{"kind":"remove"}}`,
	} {
		var damaged *damagedError
		var told *agent.Error
		if err := read("a", value); !errors.As(err, &damaged) || damaged.name != "a" || damaged.index != 7 || !errors.As(err, &told) || told.Hint == "" {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestWhoAsksTwiceForAnAppHearsThatItIsThere(t *testing.T) {
	i := &Intent{Name: "a", Hosts: []string{"a.d", "b.d"}}
	for want, failed := range map[string][]int{"called \"a\" already": {0, 1, 2}, "address b.d": {2}, "somebody else changed": {3}} {
		var errs consul.TxnErrors
		for _, k := range failed {
			errs = append(errs, &consul.TxnError{OpIndex: k})
		}
		if err := agent.AsError(refusal(i, errs)); err.Code != agent.CodeConflict || !strings.Contains(err.Message, want) {
			t.Errorf("%v: %v", failed, err)
		}
	}
}

func TestAnEngineThatIsAwayIsNamedAndNotInternal(t *testing.T) {
	refused := syscall.ECONNREFUSED
	for _, c := range []struct {
		err  error
		want string
	}{
		{&url.Error{Op: "Get", URL: "http://127.0.0.1:8500/v1/kv/x", Err: refused}, "Consul"},
		{&url.Error{Op: "Get", URL: "https://127.0.0.1:4646/v1/jobs", Err: refused}, "Nomad"},
		{consul.StatusError{Code: 500, Body: "No cluster leader"}, "Consul"},
		{nomad.UnexpectedResponseError{}, "Nomad"},
		{consul.StatusError{Code: 403}, ""},
		{&url.Error{Op: "Get", URL: "http://127.0.0.1:8500/", Err: context.Canceled}, ""},
		{errors.New("a bug"), ""},
	} {
		err := error(c.err)
		(&Service{}).tell(&err)
		told := agent.AsError(err)
		if c.want == "" {
			if err != c.err {
				t.Errorf("%v became %v", c.err, err)
			}
		} else if told.Code != agent.CodeUnavailable || !strings.HasPrefix(told.Message, c.want+" does not answer") || !strings.Contains(told.Hint, "dcloud doctor") {
			t.Errorf("%v: %+v", c.err, told)
		}
	}
}

func TestWhatAMachineHasFreeIsWithoutWhatAppsReserve(t *testing.T) {
	taken := func(id, status string, memory, cpu int64, port int) *nomad.AllocationListStub {
		return &nomad.AllocationListStub{NodeID: id, ClientStatus: status, AllocatedResources: &nomad.AllocatedResources{
			Tasks:  map[string]*nomad.AllocatedTaskResources{"t": {Cpu: nomad.AllocatedCpuResources{CpuShares: cpu}, Memory: nomad.AllocatedMemoryResources{MemoryMB: memory}}},
			Shared: nomad.AllocatedSharedResources{Ports: []nomad.PortMapping{{Value: port}}},
		}}
	}
	n := &nomad.NodeListStub{ID: "n", Name: "pi", Attributes: map[string]string{"cpu.arch": "arm64", "unique.storage.bytesfree": "80740352"},
		NodeResources:     &nomad.NodeResources{Cpu: nomad.NodeCpuResources{CpuShares: 4000}, Memory: nomad.NodeMemoryResources{MemoryMB: 1000}},
		ReservedResources: &nomad.NodeReservedResources{Cpu: nomad.NodeReservedCpuResources{CpuShares: 100}, Memory: nomad.NodeReservedMemoryResources{MemoryMB: 200}}}
	f := factsOf(n, map[string][]*nomad.AllocationListStub{
		"a": {taken("n", "running", 100, 500, 2222), taken("n", "complete", 100, 500, 1), taken("other", "running", 100, 500, 2)},
		"b": {taken("n", "pending", 50, 100, 3)},
		"c": {{NodeID: "n", ClientStatus: "running"}},
	}, "b")
	if f.Name != "pi" || f.Arch != "arm64" || f.CPUFree != 3400 || f.MemoryTotal != 800 || f.MemoryFree != 700 || f.DiskFree != 77 || !slices.Equal(f.PortsTaken, []int{2222}) {
		t.Errorf("%+v", f)
	}
}

func TestEveryExposedPortIsProbedWhereItEndedUp(t *testing.T) {
	svc := catalog.Service{Name: "web", Health: &catalog.Health{Path: "/up"}, Exposes: []catalog.Expose{
		{Name: "web", Port: 80}, {Name: "api", Port: 81, Subdomain: "api", Health: &catalog.Health{}}}}
	in := jobs.Input{Entry: &catalog.App{Services: []catalog.Service{svc}}, Intent: jobs.Intent{Name: "a"}, Pool: jobs.Pool{Domain: "d"}}
	port := func(x string, at int) nomad.PortMapping {
		return nomad.PortMapping{Label: jobs.PortLabel("web", x), HostIP: "10.213.0.1", Value: at}
	}
	alloc := &nomad.AllocationListStub{AllocatedResources: &nomad.AllocatedResources{Shared: nomad.AllocatedSharedResources{Ports: []nomad.PortMapping{port("api", 2), port("web", 1)}}}}
	other := &nomad.AllocationListStub{AllocatedResources: &nomad.AllocatedResources{Shared: nomad.AllocatedSharedResources{Ports: []nomad.PortMapping{port("web", 3), port("api", 4)}}}}
	copies := []*nomad.AllocationListStub{alloc, other}
	got, err := endpoints(in, copies)
	want := []endpoint{{"a.d", "/up", true, []string{"10.213.0.1:1", "10.213.0.1:3"}}, {"api-a.d", "/", false, []string{"10.213.0.1:2", "10.213.0.1:4"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	alloc.AllocatedResources.Shared.Ports = alloc.AllocatedResources.Shared.Ports[:1]
	if _, err := endpoints(in, copies); err == nil {
		t.Error("a missing port is not told")
	}
	if _, err := endpoints(in, []*nomad.AllocationListStub{{}}); err == nil {
		t.Error("an allocation without resources is taken")
	}
}
