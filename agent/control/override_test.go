package control

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/jobs/override"
)

func TestWhatNomadSaysOfATextIsToldWhereItIs(t *testing.T) {
	for said, want := range map[string]override.Problems{
		// As Nomad 1.11 says it.
		"Failed to parse job: input.hcl:4,7-10: Unsupported argument; An argument named \"enf\" is not expected here.\n" +
			"input.hcl:5,7-16: Unsupported block type; Blocks of type \"reosurces\" are not expected here. Did you mean \"resources\"?": {
			{File: "f", Line: 4, Column: 7, Message: `An argument named "enf" is not expected here`},
			{File: "f", Line: 5, Column: 7, Message: `Blocks of type "reosurces" are not expected here`, Hint: `did you mean "resources"?`},
		},
		"Failed to parse job: input.hcl:5,23-32: Unsuitable value type; Unsuitable duration value: time: unknown unit \" parsecs\" in duration \"5 parsecs\"": {
			{File: "f", Line: 5, Column: 23, Message: `Unsuitable duration value: time: unknown unit " parsecs" in duration "5 parsecs"`},
		},
		"input.hcl:7,25-9,3: Missing newline after argument; An argument definition must end with a newline., and 1 other diagnostic(s)": {
			{File: "f", Line: 7, Column: 25, Message: "An argument definition must end with a newline"},
		},
		"Failed to parse job: something else":  {{File: "f", Message: "something else"}},
		"":                                     {{File: "f", Message: "Nomad cannot read it, and does not say why"}},
		"input.hcl:99999999999999999999,1: no": {{File: "f", Message: "no"}},
	} {
		if got := nomadProblems("f", said); !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n%+v, want\n%+v", said, got, want)
		}
	}
}

func FuzzNomadProblems(f *testing.F) {
	f.Add("Failed to parse job: input.hcl:4,7-10: Unsupported argument; An argument")
	f.Add("a:1,2: ; Did you mean \n, and 3 other diagnostic(s)")
	f.Fuzz(func(t *testing.T, said string) {
		if got := nomadProblems("f", said); len(got) == 0 || got.Err() == nil {
			t.Errorf("%q is no problem", said)
		}
	})
}

func TestAnOverrideFitsIntoARecordAndComesBackAsItWas(t *testing.T) {
	long := strings.Repeat("task \"web\" {\n  env { A = \"<b>\" }\n}\n", 3000)
	for _, text := range []string{"", "short", "flate:x", long, long[:packedFrom], "ä\u2028" + long} {
		b, err := json.Marshal(Packed(text))
		check(t, err)
		var back Packed
		check(t, json.Unmarshal(b, &back))
		if string(back) != text {
			t.Errorf("%.20q came back as %.20q", text, back)
		}
	}
	// The largest that is taken, as hard to compress as text can be, twice in a record.
	r := rand.New(rand.NewPCG(1, 2))
	hard := make([]byte, maxOverride)
	for k := range hard {
		hard[k] = byte(' ' + r.IntN(95))
	}
	i := intentOf("big")
	i.Override = &Overriding{Text: Packed(hard)}
	i.Op = &Op{ID: "x", Kind: opOverride, Before: &Overriding{Text: Packed(hard[1:])}}
	b, err := json.Marshal(i)
	check(t, err)
	if len(b) > 400<<10 {
		t.Errorf("a record of %d bytes, and Consul takes 512 KiB with all that is written along", len(b))
	}
	var p Packed
	if err := json.Unmarshal([]byte(`"flate:!!"`), &p); err == nil {
		t.Error("what cannot be unpacked is taken")
	}
}

func TestOnlyAnOverrideThatIsThereCountsForWhetherAnAppRunsAsAsked(t *testing.T) {
	i := intentOf("a")
	plain := i.hash("d")
	// As it was before there were overrides: another would restart every app there is.
	if plain != "457d5522a5657bed198788ad9070260f" {
		t.Errorf("the hash of an app without an override is %s", plain)
	}
	i.Override = &Overriding{Text: "x", Actor: "ada"}
	with := i.hash("d")
	i.Override = &Overriding{Text: "x", Actor: "bob"}
	if with == plain || i.hash("d") != with {
		t.Error("who wrote an override matters, or the text does not")
	}
	i.Override.Privileged = true
	if i.hash("d") == with {
		t.Error("that more is allowed does not matter")
	}
	for _, text := range []Packed{"# for later\n", "remove = []\n\njob \"a\" {}\n"} {
		if i.Override = (&Overriding{Text: text}); i.hash("d") != plain {
			t.Errorf("%q would restart the app, and asks for nothing", text)
		}
	}
}

func TestAServiceBelongsToTheAppWithTheLongestName(t *testing.T) {
	apps := []string{"feeds", "feeds-2", "db"}
	for service, want := range map[string]string{"feeds": "feeds", "feeds-web": "feeds", "feeds-2": "feeds-2", "feeds-2-web": "feeds-2",
		"feeds-20": "feeds", "feed": "", "database": "", "db-x": "db"} {
		if got := ownerOf(service, apps); got != want {
			t.Errorf("%s belongs to %q, want %q", service, got, want)
		}
	}
}

func TestTheVerdictIsWhatOneNoticesMost(t *testing.T) {
	for want, u := range map[string]nomad.DesiredUpdates{
		agent.VerdictNothing: {Ignore: 1}, agent.VerdictInPlace: {InPlaceUpdate: 1, Ignore: 1}, agent.VerdictPlace: {Place: 1, InPlaceUpdate: 1},
		agent.VerdictRestart: {DestructiveUpdate: 1, Place: 1}, agent.VerdictStop: {Stop: 1},
	} {
		if got := deed(&nomad.PlanAnnotations{DesiredTGUpdates: map[string]*nomad.DesiredUpdates{"g": &u}}); got != want {
			t.Errorf("%+v is %s, want %s", u, got, want)
		}
	}
	if got := deed(nil); got != agent.VerdictNothing {
		t.Errorf("nothing said is %s", got)
	}
}

func TestWhatStandsAgainstAJobIsToldInWords(t *testing.T) {
	count, memory := 1, 500
	job := &nomad.Job{TaskGroups: []*nomad.TaskGroup{{Count: &count, Tasks: []*nomad.Task{{Name: "web", Resources: &nomad.Resources{MemoryMB: &memory}},
		{Name: "first", Lifecycle: &nomad.TaskLifecycle{Hook: "prestart"}, Resources: &nomad.Resources{MemoryMB: &memory}}}}}}
	m := machine{node: &nomad.NodeListStub{Name: "pi1"}, facts: jobs.NodeFacts{MemoryFree: 200}}
	got := hindrances(map[string]*nomad.AllocationMetric{"g": {
		DimensionExhausted: map[string]int{"memory": 1, "network: reserved port collision http=8080": 1, "disk": 1},
		ConstraintFiltered: map[string]int{"${node.unique.id} = x": 3, "${attr.kernel.name} = windows": 1, "missing drivers": 1,
			"${attr.cpu.arch} = riscv64": 1, "${attr.cpu.arch} set_contains_any arm64,arm": 1},
	}}, job, m)
	want := []string{"not enough disk", "300 MB of memory short", "port 8080 is taken", "it is not ${attr.cpu.arch} = riscv64",
		"no build for its kind of processor", "it is not ${attr.kernel.name} = windows",
		"it cannot run what this asks for: no such driver"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
