package control

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs"
)

// mailerIntent is an installed app with passwords, and the service that has it.
func mailerIntent(t *testing.T, s *Service, name string, settings map[string]string) *Intent {
	t.Helper()
	i := intentOf(name)
	i.Entry, i.Manifest, i.Subdomain = "mailer", mailer, name
	merged, fresh, err := mergeSettings(mailerEntry(t), nil, settings, rand.Reader)
	check(t, err)
	i.Settings = merged
	check(t, s.keepPasswords(t.Context(), name, fresh))
	check(t, s.store.create(t.Context(), i, nil))
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if i, _ := s.store.intent(ctx, name); i != nil {
			check(t, s.store.delete(ctx, i, nil))
		}
		check(t, s.deleteSecrets(ctx, name))
	})
	return i
}

// given are the values of the passwords that are kept for an app, sorted.
func given(t *testing.T, s *Service, app string) []string {
	t.Helper()
	v, err := s.readSecrets(t.Context(), app)
	check(t, err)
	if v == nil {
		return nil
	}
	maps.DeleteFunc(v.Items, func(item, _ string) bool { return !passwordItem.MatchString(item) })
	return slices.Sorted(maps.Values(v.Items))
}

func wantGiven(t *testing.T, s *Service, app string, want ...string) {
	t.Helper()
	if got := given(t, s, app); !slices.Equal(got, want) {
		t.Errorf("the passwords %q are kept, want %q", got, want)
	}
}

func passwordsAreKept(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	mailerIntent(t, s, "mail1", map[string]string{"smtp_host": "mail", "smtp_password": "hunter2"})
	_, err := s.Configure(ctx, "mail1", map[string]string{"smtp_password": "hunter3", "api_key": "secret:ab12cd34"})
	check(t, err)
	wantGiven(t, s, "mail1", "hunter2", "hunter3", "secret:ab12cd34")

	// Nothing that Consul keeps, nor what is told of the app, holds a value.
	pairs, _, err := b.consul.KV().List("", nil)
	check(t, err)
	for _, p := range pairs {
		if bytes.Contains(p.Value, []byte("hunter")) || bytes.Contains(p.Value, []byte("ab12cd34")) {
			t.Errorf("%s tells a password: %s", p.Key, p.Value)
		}
	}
	i, entry, err := s.installed(ctx, "mail1")
	check(t, err)
	in, err := s.input(i, entry)
	check(t, err)
	in.Pool.Datacenter = "dc"
	job, err := jobs.Build(in)
	check(t, err)
	config, err := s.Config(ctx, "mail1")
	check(t, err)
	detail, err := s.App(ctx, "mail1")
	check(t, err)
	secrets, err := s.Secrets(ctx, "mail1")
	check(t, err)
	told, err := json.Marshal([]any{job, config, detail, secrets, history(t, s, agent.ActivityQuery{})})
	check(t, err)
	if text := string(told); strings.Contains(text, "hunter") || !strings.Contains(text, passwordKey("smtp_password", i.Settings["smtp_password"])) ||
		!strings.Contains(text, "changed api_key, smtp_password") {
		t.Errorf("what is told of it: %s", text)
	}

	// While an operation is under way nothing can be changed, nor is anything left of it.
	_, err = s.Configure(ctx, "mail1", map[string]string{"smtp_password": "hunter4"})
	wantCode(t, agent.CodeConflict, err)
	wantGiven(t, s, "mail1", "hunter2", "hunter3", "secret:ab12cd34")

	check(t, s.finish(ctx, i, nil))
	wantGiven(t, s, "mail1", "hunter3", "secret:ab12cd34")
	_, revision, err := s.ensureSecrets(ctx, "mail1", entry, in.Intent.Passwords)
	if err != nil || revision == 0 {
		t.Errorf("revision %d, %v", revision, err)
	}

	_, err = s.Configure(ctx, "mail1", map[string]string{"smtp_password": ""})
	wantCode(t, agent.CodeInvalid, err)
	_, err = s.Configure(ctx, "mail1", map[string]string{"smtp_password": agent.Unset, "api_key": "", "smtp_host": "other"})
	check(t, err)
	i, _, err = s.installed(ctx, "mail1")
	check(t, err)
	check(t, s.finish(ctx, i, nil))
	wantGiven(t, s, "mail1", "secret:ab12cd34")

	// Removed by hand, it is missed before anything waits for it.
	check(t, s.deleteSecrets(ctx, "mail1"))
	_, _, err = s.ensureSecrets(ctx, "mail1", entry, map[string]string{"api_key": passwordKey("api_key", i.Settings["api_key"])})
	wantCode(t, agent.CodeFailed, err)
}

func passwordsGoBack(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	first := mailerIntent(t, s, "mail2", map[string]string{"smtp_password": "hunter2"})
	before := first.Settings["smtp_password"]
	_, err := s.Configure(ctx, "mail2", map[string]string{"smtp_password": "wrong"})
	check(t, err)
	i, _, err := s.installed(ctx, "mail2")
	check(t, err)
	if i.Op == nil || i.Op.Previous["smtp_password"] != before {
		t.Fatalf("%+v", i.Op)
	}
	// As undo does once the app did not come up.
	i.Settings = i.Op.Previous
	check(t, s.store.update(ctx, i))
	check(t, s.finish(ctx, i, nil))
	wantGiven(t, s, "mail2", "hunter2")
	if i, _, err = s.installed(ctx, "mail2"); err != nil || i.Settings["smtp_password"] != before {
		t.Errorf("%v, %v", i, err)
	}

	// An agent that ends amid the end of a change never goes back to what is gone.
	_, err = s.Configure(ctx, "mail2", map[string]string{"smtp_password": "right"})
	check(t, err)
	i, _, err = s.installed(ctx, "mail2")
	check(t, err)
	check(t, s.dropOldPasswords(ctx, i)) // and no more of finish
	again, _, err := s.installed(ctx, "mail2")
	check(t, err)
	if again.Op == nil || !maps.Equal(again.Op.Previous, again.Settings) {
		t.Errorf("it would go back to %v", again.Op)
	}
	check(t, s.finish(ctx, again, nil))
	wantGiven(t, s, "mail2", "right")
}

func passwordsAreTakenBack(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	i := mailerIntent(t, s, "mail3", map[string]string{"smtp_password": "hunter2"})

	// Another's write came first: what was kept for ours goes, theirs stays.
	fresh := map[string]string{"given_smtp_password_aaaaaaaa": "lost"}
	check(t, s.keepPasswords(ctx, "mail3", fresh))
	s.takePasswordsBack(ctx, "mail3", fresh)
	wantGiven(t, s, "mail3", "hunter2")
	// The write was done although it was said to have failed.
	s.takePasswordsBack(ctx, "mail3", map[string]string{passwordKey("smtp_password", i.Settings["smtp_password"]): "hunter2"})
	wantGiven(t, s, "mail3", "hunter2")

	// A removal that keeps data keeps what the app made, not what people gave.
	check(t, s.editVariable(ctx, "mail3", func(items map[string]string) bool { items["made"] = "x"; return true }))
	check(t, s.dropPasswords(ctx, "mail3", func(string) bool { return true }))
	if v, err := s.readSecrets(ctx, "mail3"); err != nil || !maps.Equal(v.Items, nomad.VariableItems{"made": "x"}) {
		t.Errorf("%v, %v", v, err)
	}

	// An agent ended between the password and the intent. Nobody else's is touched.
	check(t, s.keepPasswords(ctx, "nobody", map[string]string{"given_x_aaaaaaaa": "hunter2"}))
	check(t, s.editVariable(ctx, "theirs", func(items map[string]string) bool { items["given"] = "x"; return true }))
	check(t, s.sweepPasswords(ctx))
	wantGiven(t, s, "nobody", "hunter2") // it may just be about to be referred to
	s.Now = func() time.Time { return time.Now().Add(orphanAge + time.Minute) }
	check(t, s.keepPasswords(ctx, "mail3", map[string]string{"given_smtp_password_bbbbbbbb": "under way"}))
	check(t, s.sweepPasswords(ctx))
	wantGiven(t, s, "mail3", "under way")
	if v, err := s.readSecrets(ctx, "nobody"); v != nil || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	if v, err := s.readSecrets(ctx, "theirs"); err != nil || v == nil || v.Items["given"] != "x" {
		t.Errorf("%v, %v", v, err)
	}
	check(t, s.deleteSecrets(ctx, "theirs"))
}
