package control

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

func nodeNamed(t *testing.T, p *testPool, name string) *agent.Node {
	t.Helper()
	nodes, err := p.s.Nodes(t.Context())
	check(t, err)
	for _, n := range nodes {
		if n.Name == name {
			return &n
		}
	}
	return nil
}

func machineIsDrained(t *testing.T, p *testPool) {
	eventually(t, "Nomad's client is there", func() error {
		list, _, err := p.nomad.Nodes().List(nil)
		if n := nodeNamed(t, p, "bed"); err == nil && (n == nil || n.CPU == 0 || list[0].Status != nomad.NodeStatusReady) {
			err = errors.New("it is not in the list, or not ready")
		}
		return err
	})
	_, err := p.s.Drain(t.Context(), "nobody")
	wantCode(t, agent.CodeNotFound, err)
	_, err = p.s.Drain(t.Context(), "pi") // that Nomad has never seen
	wantCode(t, agent.CodeConflict, err)
	for range 2 { // once more does no harm
		op, err := p.s.Drain(t.Context(), "bed")
		check(t, err)
		if e := p.final(t, op); e.Error != nil || e.Stage != agent.StageDrain || e.Percent != 100 {
			t.Errorf("%+v", e)
		}
		eventually(t, "it is drained", func() error {
			if n := nodeNamed(t, p, "bed"); n.State != agent.NodeDraining || n.Op != "" {
				return fmt.Errorf("%+v", n)
			}
			return nil
		})
	}
	op, err := p.s.Undrain(t.Context(), "bed")
	check(t, err)
	if e := p.final(t, op); e.Error != nil {
		t.Errorf("%+v", e)
	}
	eventually(t, "it is open again", func() error {
		if n := nodeNamed(t, p, "bed"); n.State == agent.NodeDraining {
			return fmt.Errorf("%+v", n)
		}
		return nil
	})
}

func dataKeepsItsMachine(t *testing.T, p *testPool) {
	list, _, err := p.nomad.Nodes().List(nil)
	check(t, err)
	made, err := p.s.createVolume(t.Context(), &nomad.HostVolumeCreateRequest{Volume: &nomad.HostVolume{
		Namespace: nomad.DefaultNamespace, Name: "notes_web_data", PluginID: "mkdir", NodeID: list[0].ID,
		RequestedCapabilities: []*nomad.HostVolumeCapability{{AttachmentMode: nomad.HostVolumeAttachmentModeFilesystem, AccessMode: nomad.HostVolumeAccessModeSingleNodeWriter}},
	}})
	check(t, err)
	plan, err := p.s.NodePlan(t.Context(), "bed")
	check(t, err)
	if len(plan.Stays) != 1 || plan.Stays[0].App != "notes" || !plan.Stays[0].Data || len(plan.Moves) != 0 {
		t.Errorf("%+v", plan)
	}
	_, err = p.s.RemoveNode(t.Context(), "bed", agent.NodeRemove{})
	wantCode(t, agent.CodeConflict, err)
	if err == nil || !strings.Contains(err.Error(), "notes") {
		t.Error(err)
	}
	_, err = p.s.RemoveNode(t.Context(), "bed", agent.NodeRemove{Abandon: true})
	wantCode(t, agent.CodeConflict, err)
	if err == nil || !strings.Contains(err.Error(), "only server") {
		t.Error(err)
	}
	check(t, p.s.abandonVolumes(t.Context(), "bed", &progress{s: p.s, op: "x", node: "bed"}))
	if _, _, err := p.nomad.HostVolumes().Get(made, nil); !isNotFound(err) {
		t.Errorf("the volume given up is there: %v", err)
	}
	if plan, err := p.s.NodePlan(t.Context(), "bed"); err != nil || len(plan.Stays) != 0 {
		t.Errorf("%+v, %v", plan, err)
	}
	_, err = p.s.RemoveNode(t.Context(), "nobody", agent.NodeRemove{})
	wantCode(t, agent.CodeNotFound, err)
}

func removedMachineHasNothing(t *testing.T, p *testPool) {
	again := p.token(t, agent.TokenRequest{Role: "ingress", Uses: 2})
	a, err := p.s.Admit(t.Context(), again(3, "vps"))
	check(t, err)
	p.confirmed(t, a.Member)
	m := a.Member
	if got := p.policies(t); !strings.Contains(got, "dcloud-door-vps dcloud-node-pi dcloud-node-vps") {
		t.Fatal(got)
	}
	_, err = p.consul.Catalog().Register(&consul.CatalogRegistration{ID: m.ID, Node: "vps", Address: m.Address.String()}, nil)
	check(t, err)
	keys := p.roster(t).pool.Keys
	op, err := p.s.RemoveNode(t.Context(), "vps", agent.NodeRemove{})
	check(t, err)
	if e := p.final(t, op); e.Error != nil || e.Stage != agent.StageRotate || !strings.Contains(e.Message, "vps is removed") {
		t.Errorf("%+v", e)
	}
	_, err = p.s.Admit(t.Context(), again(4, "vps")) // by another name, with what is left of its token
	wantCode(t, agent.CodeUnauthorized, err)
	r := p.roster(t)
	if r.byName("vps") != nil || r.pool.Keys != keys+1 || strings.Contains(p.policies(t), "vps") || nodeNamed(t, p, "vps") != nil {
		t.Errorf("left are %+v, %q", r.byName("vps"), p.policies(t))
	}
	tokens, _, err := p.consul.ACL().TokenList(nil)
	check(t, err)
	for _, token := range tokens {
		if strings.Contains(token.Description, "vps") {
			t.Errorf("its token is there: %s", token.Description)
		}
	}
	if n, _, err := p.consul.Catalog().Node("vps", nil); n != nil || err != nil {
		t.Errorf("Consul lists it: %+v, %v", n, err)
	}
	p.mu.Lock()
	if len(p.rotated) != 1 {
		t.Errorf("keys were replaced %d times", len(p.rotated))
	} else if _, in := p.rotated[0].Member(m.ID); in {
		t.Error("the new keys went to the machine that was removed")
	}
	p.mu.Unlock()
	next := p.joined(t, 4, "vps", "worker")
	if next.Address == m.Address || next.Name != "vps" {
		t.Errorf("the next one is %s at %s, as the one before", next.Name, next.Address)
	}
}

func brokenRemovalIsFinished(t *testing.T, p *testPool) {
	r := p.roster(t)
	n := r.byName("vps") // of the test before
	p.mu.Lock()
	before := len(p.rotated)
	p.mu.Unlock()
	// As if the agent had been killed after the record was marked.
	check(t, p.s.store.amendNode(t.Context(), n.ID, func(n *nodeRecord) (bool, error) {
		n.Removing, n.Op = true, &nodeOp{ID: "broken", Kind: opRemoveNode, Started: p.s.Now()}
		return true, nil
	}))
	if e := p.final(t, agent.Operation{ID: "broken", Node: "vps"}); e.Error != nil {
		t.Errorf("%+v", e)
	}
	p.mu.Lock()
	if len(p.rotated) != before+1 {
		t.Errorf("keys were replaced %d times", len(p.rotated)-before)
	}
	p.mu.Unlock()
	if p.roster(t).byName("vps") != nil || strings.Contains(p.policies(t), "vps") {
		t.Errorf("left is %q", p.policies(t))
	}
	// And a machine that was being taken back.
	a, err := p.s.Admit(t.Context(), p.token(t, agent.TokenRequest{})(5, "half"))
	check(t, err)
	check(t, p.s.store.amendNode(t.Context(), a.Member.ID, func(n *nodeRecord) (bool, error) {
		n.Removing, n.Ended = true, p.s.Now()
		return true, nil
	}))
	p.s.sweepNodes(t.Context())
	if p.roster(t).byName("half") == nil {
		t.Error("it is taken back while somebody else is at it")
	}
	p.setLater(takesBackWithin)
	defer p.setLater(0)
	p.s.sweepNodes(t.Context())
	if p.roster(t).byName("half") != nil || strings.Contains(p.policies(t), "half") {
		t.Errorf("left is %q", p.policies(t))
	}
}

func testKey(t *testing.T) string {
	t.Helper()
	b := make([]byte, 32)
	_, err := rand.Read(b)
	check(t, err)
	return base64.StdEncoding.EncodeToString(b)
}

func gossipKeysAreReplaced(t *testing.T, p *testPool) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 2 {
		key := testKey(t)
		for range 2 { // to repeat it does no harm
			check(t, RotateConsulGossip(ctx, p.consul, key))
			check(t, RotateNomadGossip(ctx, p.nomad, key))
		}
		rings, err := p.consul.Operator().KeyringList(nil)
		check(t, err)
		for _, ring := range rings {
			if len(ring.Keys) != 1 || ring.Keys[key] == 0 {
				t.Errorf("Consul takes %d keys", len(ring.Keys))
			}
		}
		have, err := p.nomad.Agent().ListKeys()
		check(t, err)
		if len(have.Keys) != 1 || have.Keys[key] == 0 {
			t.Errorf("Nomad takes %d keys", len(have.Keys))
		}
	}
	for _, err := range []error{RotateConsulGossip(ctx, p.consul, "short and wrong"), RotateNomadGossip(ctx, p.nomad, "short and wrong")} {
		if err == nil || strings.Contains(err.Error(), "short and wrong") {
			t.Errorf("a key that is none: %v", err)
		}
	}
}
