package join

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// asks makes the pool ask somebody first, until the time is over.
func (p *testPool) asks(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = agent.Errorf(agent.CodeUnavailable, "%w, with: dcloud node accept pi2", &pool.Pending{Until: until}).WithHint("wait")
}

// TestAMachineWaitsUntilSomebodyAcceptsIt has machine and cloud speak in memory, in a time
// of their own: who is late is then neither of them.
func TestAMachineWaitsUntilSomebodyAcceptsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newTestPool(t)
		log := &buffer{}
		server := NewServer(Options{Admitter: p, Certificate: p.shown(t, nil), Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		p.asks(time.Now().Add(time.Hour))
		p.token.Addresses = []string{"cloud:51820"}
		o := Options{Token: p.token, Request: request()}
		o.dial = func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go server.serve(t.Context(), newSingle(there))
			return here, nil
		}
		// Far shorter than the wait: while somebody is asked, it is not the cloud that is late.
		// (A goodbye of TLS waits 5 s in a pipe that nobody reads any more.)
		const goodbyes = 10 * time.Second
		o.Patience = askPause + goodbyes + time.Second
		var told []string
		began, asked := time.Now(), 0
		o.Progress = func(text string) {
			told = append(told, text)
			if strings.Contains(text, "accept") {
				time.AfterFunc(10*o.Patience, func() {
					p.mu.Lock()
					p.refuse = nil
					p.mu.Unlock()
				})
			}
			if strings.Contains(text, "asking") {
				asked++
			}
		}
		a, err := Ask(t.Context(), o)
		if err != nil {
			t.Fatalf("%v after %q\n%s", err, told, log)
		}
		if took := time.Since(began); a.Member.Name != "pi2" || len(p.admissions()) != 1 || took < 10*o.Patience || took > 10*o.Patience+askPause+2*goodbyes {
			t.Errorf("%+v after %d and %s", a.Member, len(p.admissions()), took)
		}
		const words = "waiting for somebody to accept this machine, with: dcloud node accept pi2"
		if n := len(slices.DeleteFunc(slices.Clone(told), func(s string) bool { return s != words })); n != 1 || asked != 1 {
			t.Errorf("it was told %d times: %q", n, told)
		}
		if text := log.String(); strings.Contains(text, o.Token.Secret) {
			t.Error("the secret is in the log")
		}
	})
}

func TestARefusalEndsTheWait(t *testing.T) {
	t.Parallel()
	p := newTestPool(t)
	p.serve(t, Options{})
	p.asks(time.Now().Add(time.Hour))
	o := Options{Token: p.token, Request: request()}
	o.Progress = func(text string) {
		if strings.Contains(text, "accept") {
			p.mu.Lock()
			p.refuse = agent.Errorf(agent.CodeUnauthorized, "ada did not want this machine in the cloud").WithHint("ask them")
			p.mu.Unlock()
		}
	}
	_, err := Ask(t.Context(), o)
	if e := agent.AsError(err); e == nil || e.Code != agent.CodeUnauthorized || !strings.Contains(e.Message, "did not want") {
		t.Errorf("%v", err)
	}
}

func TestAMachineThatGivesUpWaitingTakesNobodyBack(t *testing.T) {
	t.Parallel()
	p := newTestPool(t)
	p.serve(t, Options{})
	p.asks(time.Now().Add(time.Hour))
	o := Options{Token: p.token, Request: request()}
	ctx, cancel := context.WithCancel(t.Context())
	o.Progress = func(text string) {
		if strings.Contains(text, "accept") {
			cancel()
		}
	}
	if _, err := Ask(ctx, o); err == nil {
		t.Fatal("it was let in")
	}
	o.Progress = nil
	check(t, Decline(t.Context(), o))
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.declined) != 0 {
		t.Errorf("%q was taken back: whoever waits could do that to others", p.declined)
	}
}

func TestAWaitThatLastsLongerThanTheTokenEndsInWords(t *testing.T) {
	a := &asking{o: Options{}.filled(), told: map[string]bool{}}
	check(t, a.again(t.Context(), &waiting{"waiting", time.Minute}))
	if left := time.Until(a.until); left <= 0 || left > time.Minute+grace {
		t.Errorf("%s are left", left)
	}
	check(t, a.again(t.Context(), &waiting{"waiting", 0}))
	if !a.until.IsZero() {
		t.Error("an end was made up")
	}
	err := nobodyAccepted()
	if e := agent.AsError(err); e.Code != agent.CodeUnauthorized || e.Hint == "" {
		t.Errorf("%+v", e)
	}
}

func FuzzRefusal(f *testing.F) {
	f.Add(202, "4", []byte(`{"error":{"code":"unavailable","message":"waiting"},"left_s":60}`))
	f.Add(503, "-1", []byte(`{"error":null}`))
	f.Add(202, "99999999999999999999", []byte(`{"left_s":-9223372036854775808}`))
	f.Fuzz(func(t *testing.T, status int, after string, body []byte) {
		r := &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {after}}}
		wait, err := refusal(r, body, time.Now())
		if err == nil || err.Error() == "" || wait < 0 || wait > maxWait {
			t.Fatal(wait, err)
		}
		if w, ok := err.(*waiting); ok && (w.left < 0 || w.left > maxLeft*time.Second) {
			t.Fatal(fmt.Sprint(w.left))
		}
	})
}
