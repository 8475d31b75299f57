package api

import (
	"context"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestOverridesAndPlansReachTheServiceAndComeBack(t *testing.T) {
	change := agent.OverrideChange{Text: "job \"a\" {\n}\n\"<&>", File: "f.hcl", AllowPrivileged: true}
	var asked []agent.PlanRequest
	var changed []agent.OverrideChange
	problems := []agent.Problem{{File: "f.hcl", Line: 2, Column: 3, Message: "no", Hint: "yes"}}
	f := &fake{
		planApp: func(_ context.Context, n string, r agent.PlanRequest) (agent.Plan, error) {
			asked = append(asked, r)
			return agent.Plan{Name: n, Verdict: agent.Verdict{Do: agent.VerdictBlocked, Why: []string{"pi1: full"}},
				Diff: []agent.Change{{Address: "a.b", Op: agent.DiffChanged, Old: "1", New: "2"}}}, nil
		},
		fakeMore: fakeMore{
			override: func(_ context.Context, n string) (agent.Override, error) {
				return agent.Override{Name: n, Text: change.Text, Problems: problems}, nil
			},
			overriding: func(_ context.Context, n string, c agent.OverrideChange) (agent.Operation, error) {
				changed = append(changed, c)
				if len(changed) > 2 {
					return agent.Operation{}, agent.Errorf(agent.CodeInvalid, "no").WithHint("yes").WithProblems(problems)
				}
				return agent.Operation{ID: "o", App: n}, nil
			},
		},
	}
	c, ctx := served(t, f), context.Background()
	requests := []agent.PlanRequest{{}, {Version: "1"}, {Settings: map[string]string{"a": "b"}}, {Override: &change}, {Override: &agent.OverrideChange{}}}
	for _, r := range requests {
		p, err := c.PlanApp(ctx, "news", r)
		if err != nil || p.Verdict.Why[0] != "pi1: full" || p.Diff[0].New != "2" {
			t.Errorf("%+v: %+v, %v", r, p, err)
		}
	}
	if !reflect.DeepEqual(asked, requests) {
		t.Errorf("asked was %+v", asked)
	}
	o, err := c.Override(ctx, "news")
	if err != nil || o.Text != change.Text || !reflect.DeepEqual(o.Problems, problems) {
		t.Errorf("%+v, %v", o, err)
	}
	for _, change := range []agent.OverrideChange{change, {}} {
		if op, err := c.SetOverride(ctx, "news", change); err != nil || op != (agent.Operation{ID: "o", App: "news"}) {
			t.Errorf("%+v: %+v, %v", change, op, err)
		}
	}
	_, err = c.SetOverride(ctx, "news", change)
	if e := agent.AsError(err); e.Code != agent.CodeInvalid || !reflect.DeepEqual(e.Problems, problems) {
		t.Errorf("what is wrong comes back as %+v", e)
	}
	if !reflect.DeepEqual(changed, []agent.OverrideChange{change, {}, change}) {
		t.Errorf("changed was %+v", changed)
	}
}

func TestThePlanOfAnAppShowsValuesOnlyToThoseWhoMaySeeItsJob(t *testing.T) {
	f := &fake{planApp: func(context.Context, string, agent.PlanRequest) (agent.Plan, error) {
		return agent.Plan{Diff: []agent.Change{{Address: "env.SMTP", Op: agent.DiffChanged, Old: "hunter1", New: "hunter2"}}}, nil
	}}
	s := New(f, Options{Sessions: sessions})
	for role, sees := range map[string]bool{agent.RoleMember: false, agent.RoleAdmin: true, agent.RoleOwner: true} {
		w := remote(s, "GET", "/v1/apps/a/plan", role)
		if !strings.Contains(w.Body.String(), "env.SMTP") || strings.Contains(w.Body.String(), "hunter") != sees {
			t.Errorf("a %s gets %d %s", role, w.Code, w.Body)
		}
	}
}

func TestAnOverrideNeedsANewProof(t *testing.T) {
	s := New(&fake{}, Options{Sessions: sessions})
	if w := remote(s, "PUT", "/v1/apps/a/override", "owner"); w.Code != 403 || !strings.Contains(w.Body.String(), "sign in again") {
		t.Errorf("without a proof: %d %s", w.Code, w.Body)
	}
	if w := remote(s, "PUT", "/v1/apps/a/override", "sudo-owner"); w.Code != 400 {
		t.Errorf("with one, and nothing to set: %d %s", w.Code, w.Body)
	}
}

func TestAnOverrideThatIsTooLargeForARequestIsRefused(t *testing.T) {
	s := New(&fake{}, Options{Sessions: sessions})
	r := httptest.NewRequest("PUT", "/v1/apps/a/override", strings.NewReader(`{"text":"`+strings.Repeat("#", maxBody)+`"}`))
	r.Header.Set("Authorization", "Bearer sudo-owner")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != 413 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
