package override_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/jobs/override"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/nomad/api"
)

// rounds runs a property many times, with what a real Nomad reads unless -short.
func rounds(t *testing.T, f func(t *testing.T, r *rand.Rand, real bool)) {
	t.Helper()
	many := uint64(400)
	if testing.Short() {
		many = 60
	}
	for seed := range many {
		f(t, rand.New(rand.NewPCG(seed, 7)), false)
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
	if testing.Short() {
		return
	}
	for seed := range uint64(25) {
		f(t, rand.New(rand.NewPCG(seed, 8)), true)
		if t.Failed() {
			t.Fatalf("with seed %d, read by Nomad", seed)
		}
	}
}

// example is a job, and an Allow under which the pieces are accepted.
func example(t testing.TB) (*api.Job, override.Allow) {
	job, allow := generated(t, "miniflux")
	allow.Privileged = true
	return job, allow
}

func accepted(t *testing.T, o *override.Override, job *api.Job, allow override.Allow) *api.Job {
	t.Helper()
	result, _, problems := o.Apply(job, allow)
	if err := problems.Err(); err != nil {
		t.Fatalf("refused: %v", err)
	}
	return result
}

func sameJobs(t *testing.T, what string, a, b *api.Job) {
	t.Helper()
	if diff := cmp.Diff(asJSON(t, a), asJSON(t, b)); diff != "" {
		t.Errorf("%s:\n%s", what, diff)
	}
}

func TestAnEmptyOverrideChangesNothing(t *testing.T) {
	for _, example := range []string{"miniflux", "volumes", "whoami", "private", "ports"} {
		job, allow := generated(t, example)
		for _, text := range []string{"", "\n# nothing\n", "remove = []\n", "job \"" + *job.ID + "\" {}\n"} {
			w, problems := override.Parse("x.hcl", []byte(text))
			if w == nil {
				t.Fatal(problems)
			}
			if !override.Blank(text) {
				t.Errorf("%q is said to ask for something", text)
			}
			result, risks, problems := override.New(w, &api.Job{ID: job.ID, Name: job.Name}).Apply(job, allow)
			if len(problems) > 0 || len(risks) > 0 || !reflect.DeepEqual(result, job) {
				t.Errorf("%s, %q: %v %v %v", example, text, problems, risks, override.Changes(job, result))
			}
		}
	}
}

func TestOnlyATextThatAsksForNothingIsBlank(t *testing.T) {
	for _, text := range []string{"job \"a\" {\n  priority = 60\n}\n", "job \"a\" {\n  meta {}\n}\n", "remove = [\"meta.a\"]\n", "job \"a\" {", "group \"a\" {}\n", "x"} {
		if override.Blank(text) {
			t.Errorf("%q is said to ask for nothing", text)
		}
	}
}

func TestApplyingTwiceIsApplyingOnce(t *testing.T) {
	job, allow := example(t)
	rounds(t, func(t *testing.T, r *rand.Rand, real bool) {
		o := draw(t, r, real, some(r, 8))
		once := accepted(t, o, job, allow)
		sameJobs(t, "-once +twice", once, accepted(t, o, once, allow))
	})
}

func TestAnOverrideNeverChangesItsInputNorSharesItsMemory(t *testing.T) {
	job, allow := example(t)
	before := asJSON(t, job)
	rounds(t, func(t *testing.T, r *rand.Rand, real bool) {
		if real {
			return // nothing of it is Nomad's
		}
		o := draw(t, r, real, some(r, 8))
		first := accepted(t, o, job, allow)
		want := asJSON(t, first)
		scribble(reflect.ValueOf(first))
		if asJSON(t, job) != before {
			t.Error("the input was changed")
		}
		if diff := cmp.Diff(want, asJSON(t, accepted(t, o, job, allow))); diff != "" {
			t.Errorf("two results share memory:\n%s", diff)
		}
	})
}

// scribble writes over all that can be written to.
func scribble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			scribble(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			scribble(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			scribble(v.Index(i))
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			scribble(it.Value())
			v.SetMapIndex(it.Key(), reflect.Zero(v.Type().Elem()))
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString("scribbled")
		}
	}
}

func TestARefusedOverrideChangesNothingAtAll(t *testing.T) {
	job, allow := example(t)
	before := asJSON(t, job)
	rounds(t, func(t *testing.T, r *rand.Rand, real bool) {
		o := draw(t, r, real, append(some(r, 6), refusals[r.IntN(len(refusals))]))
		result, risks, problems := o.Apply(job, allow)
		if problems.Err() == nil {
			t.Error("it was not refused")
		}
		if result != job || len(risks) > 0 || asJSON(t, job) != before {
			t.Errorf("it changed %v, risks %v", override.Changes(job, result), risks)
		}
		for _, p := range problems {
			if p.File != "x.hcl" || p.Line == 0 || p.Column == 0 || p.Message == "" {
				t.Errorf("a problem without a place: %+v", p)
			}
		}
	})
}

func TestComposingIsApplyingOneAfterTheOther(t *testing.T) {
	job, allow := example(t)
	rounds(t, func(t *testing.T, r *rand.Rand, real bool) {
		a, b := draw(t, r, real, some(r, 6)), draw(t, r, real, some(r, 6))
		sameJobs(t, "-one after the other +composed", accepted(t, b, accepted(t, a, job, allow), allow), accepted(t, override.Compose(a, b), job, allow))
	})
}

func TestComposingIsAssociative(t *testing.T) {
	job, allow := example(t)
	rounds(t, func(t *testing.T, r *rand.Rand, real bool) {
		a, b, c := draw(t, r, real, some(r, 4)), draw(t, r, real, some(r, 4)), draw(t, r, real, some(r, 4))
		left := override.Compose(override.Compose(a, b), c)
		right := override.Compose(a, override.Compose(b, c))
		sameJobs(t, "-(ab)c +a(bc)", accepted(t, left, job, allow), accepted(t, right, job, allow))
		// In three steps too: what is merged is the same as what is merged first.
		sameJobs(t, "-(ab)c +c after b after a", accepted(t, left, job, allow),
			accepted(t, c, accepted(t, b, accepted(t, a, job, allow), allow), allow))
	})
}

func TestOverridesOfDifferentFieldsMayComeInAnyOrder(t *testing.T) {
	job, allow := example(t)
	rounds(t, func(t *testing.T, r *rand.Rand, real bool) {
		all := some(r, 10)
		at := r.IntN(len(all) + 1)
		a, b := draw(t, r, real, all[:at]), draw(t, r, real, all[at:])
		ab, ba := accepted(t, override.Compose(a, b), job, allow), accepted(t, override.Compose(b, a), job, allow)
		if c := override.Changes(ab, ba); len(c) > 0 {
			t.Errorf("%v", c)
		}
	})
}

func TestTheLastOfTwoOverridesOfOneFieldHasTheWord(t *testing.T) {
	job, allow := example(t)
	rounds(t, func(t *testing.T, r *rand.Rand, real bool) {
		x := []piece{oneOf(r, pieces[0], pieces[15], pieces[17], pieces[19], pieces[20])} // scalars and lists
		a, b := draw(t, r, real, x), draw(t, r, real, x)
		sameJobs(t, "-b +b after a", accepted(t, b, job, allow), accepted(t, override.Compose(a, b), job, allow))
	})
}

// The addresses by which a difference is shown are those that remove takes: whatever
// an override added can be taken away by them, and is gone then.
func TestEveryAddressThatIsShownCanBeRemoved(t *testing.T) {
	job, allow := example(t)
	rounds(t, func(t *testing.T, r *rand.Rand, real bool) {
		result := accepted(t, draw(t, r, real, some(r, 5)), job, allow)
		for _, c := range override.Changes(job, result) {
			if c.New == nil {
				continue
			}
			list, _ := json.Marshal([]string{c.Address})
			w, problems := override.Parse("x.hcl", []byte("remove = "+strings.NewReplacer("${", "$${", "%{", "%%{").Replace(string(list))))
			if w == nil {
				t.Fatal(problems)
			}
			// It may be refused, since a task needs its driver, but it is found.
			after, _, problems := override.New(w, nil).Apply(result, allow)
			for _, p := range problems {
				if p.Warning || strings.HasPrefix(p.Message, "no job has") {
					t.Errorf("%s: %v", c.Address, p)
				}
			}
			if problems == nil && len(override.Changes(result, after)) == 0 {
				t.Errorf("%s: it was removed, and is still there", c.Address)
			}
		}
	})
}
