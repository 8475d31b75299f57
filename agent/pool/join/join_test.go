package join

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/loopback"
	"github.com/dentropy/dcloud/agent/pool"
)

func TestAMachineIsLetInByTheServerThatItsTokenNames(t *testing.T) {
	p := newTestPool(t)
	port := p.serve(t, Options{})
	p.token.Addresses = append([]string{loopback.Unused()}, p.token.Addresses...) // one that does not work comes first
	a, err := Ask(patiently(t), Options{Token: p.token, Request: request()})
	check(t, err)
	if a.Member.Name != "pi2" || a.Secrets["pool-gossip"] != "sesame" {
		t.Errorf("got %+v", a.Member)
	}
	got := p.admissions()
	if len(got) != 1 || got[0].Protocol != Protocol || time.Since(got[0].Time).Abs() > time.Minute || !got[0].Seen.Addr().IsLoopback() {
		t.Errorf("the pool was told %+v", got)
	}
	if log := port.log.String(); strings.Contains(log, p.token.Secret) || !strings.Contains(log, p.token.ID) {
		t.Errorf("the log: %s", log)
	}
}

func TestARenewedCertificateIsShownByTheSameServer(t *testing.T) {
	p := newTestPool(t)
	shown := p.shown(t, func(c *x509.Certificate) { c.DNSNames = []string{"old.dcloud"} })
	var mu sync.Mutex
	p.serve(t, Options{Certificates: func() (*tls.Certificate, error) {
		mu.Lock()
		defer mu.Unlock()
		return &shown, nil
	}})
	_, err := Ask(patiently(t), Options{Token: p.token, Request: request()})
	if agent.AsError(err).Code != agent.CodeFailed {
		t.Errorf("got %v", err)
	}
	renewed := p.shown(t, nil)
	mu.Lock()
	shown = renewed
	mu.Unlock()
	_, err = Ask(patiently(t), Options{Token: p.token, Request: request()})
	check(t, err)
}

func TestAMachineThatGivesUpIsTakenBackOnlyByItsOwnToken(t *testing.T) {
	p := newTestPool(t)
	p.serve(t, Options{})
	o := Options{Token: p.token, Request: request()}
	_, err := Ask(patiently(t), o)
	check(t, err)
	other := o
	other.Token.Secret = "guessed"
	if err := Decline(patiently(t), other); agent.AsError(err).Code != agent.CodeNotFound {
		t.Errorf("with a wrong secret: %v", err)
	}
	other = o
	other.Request.ID = "00000000-0000-4000-8000-000000000000"
	if err := Decline(patiently(t), other); agent.AsError(err).Code != agent.CodeNotFound {
		t.Errorf("another machine: %v", err)
	}
	if len(p.declined) != 0 {
		t.Fatalf("taken back: %v", p.declined)
	}
	check(t, Decline(patiently(t), o))
	if len(p.declined) != 1 || p.declined[0] != o.Request.ID {
		t.Errorf("taken back: %v", p.declined)
	}
}

func TestAServerBehindNATCallsTheMachine(t *testing.T) {
	p := newTestPool(t)
	server := NewServer(Options{Admitter: p, Certificate: p.shown(t, nil)})
	// The machine's own choice of a port has to be known before it listens.
	listen := loopback.Unused()
	run(t, func(ctx context.Context) { server.Keep(ctx, []string{listen}) })
	for _, addresses := range [][]string{nil, {loopback.Unused()}} {
		token := p.token
		token.Addresses = addresses
		var told words
		a, err := Ask(patiently(t), Options{Token: token, Request: request(), Listen: listen, Progress: told.add})
		if err != nil || a.Member.Name != "pi2" {
			t.Fatalf("%v: %v\n%s", addresses, err, told.String())
		}
		if !strings.Contains(told.String(), "waiting for the cloud's call at "+listen) {
			t.Errorf("told: %s", told.String())
		}
	}
}

func TestAStrangerWhoCallsIsNotTheCloudAndDoesNotHoldItBack(t *testing.T) {
	p, stranger := newTestPool(t), newTestPool(t)
	listen := loopback.Unused()
	wrong := NewServer(Options{Admitter: stranger, Certificate: stranger.shown(t, nil)})
	right := NewServer(Options{Admitter: p, Certificate: p.shown(t, nil)})
	var told words
	met := make(chan struct{})
	var once sync.Once
	run(t, func(ctx context.Context) { wrong.Keep(ctx, []string{listen}) })
	run(t, func(ctx context.Context) {
		select {
		case <-met: // the stranger was first
			right.Keep(ctx, []string{listen})
		case <-ctx.Done():
		}
	})
	_, err := Ask(patiently(t), Options{Token: p.token, Request: request(), Listen: listen, Progress: func(s string) {
		told.add(s)
		if strings.Contains(s, "another cloud") {
			once.Do(func() { close(met) })
		}
	}})
	if err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	if stranger.wrong != 0 || len(stranger.admitted) != 0 {
		t.Error("the stranger was asked")
	}
}

func TestEachRefusalIsToldWithWhatToDo(t *testing.T) {
	p, foreign := newTestPool(t), newTestPool(t)
	used := newTestPool(t)
	used.refuse = agent.Errorf(agent.CodeUnauthorized, "the token has been used: it was for 1 machine, and pi3 joined with it").
		WithHint("on the cloud's server: dcloud node token")
	taken := newTestPool(t)
	taken.refuse = agent.Errorf(agent.CodeConflict, "a machine with the name pi2 is in the pool already").WithHint("dcloud node join --name NAME TOKEN")
	internal := newTestPool(t)
	internal.refuse = errors.New("consul at 10.213.0.1 said: secret-token-x")
	cloud := time.Now()
	for _, x := range []*testPool{p, foreign, used, taken, internal} {
		x.serve(t, Options{Now: func() time.Time { return cloud }})
	}
	web := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)

	at := func(x *testPool, addresses ...string) pool.Token {
		token := x.token
		token.Addresses = addresses
		return token
	}
	hourAgo := cloud.Add(-time.Hour)
	hour := func() time.Time { return hourAgo }
	unknown := p.token
	unknown.Secret = "n0t-the-s3cret"
	refused := loopback.Unused()
	silent := listenLocal(t) // accepts in the kernel and never says a word
	for name, c := range map[string]struct {
		o          Options
		code       string
		want, hint string
	}{
		"refused":      {Options{Token: at(p, refused)}, agent.CodeUnavailable, "cannot be reached: " + refused + " (refused", "dcloud node token --call THIS-MACHINE"},
		"silent":       {Options{Token: at(p, silent.Addr().String())}, agent.CodeUnavailable, "(what answers there says nothing)", "forward TCP and UDP port 51820"},
		"unknown name": {Options{Token: at(p, "host.invalid:51820")}, agent.CodeUnavailable, "host.invalid:51820 (", "--call"},
		"no address":   {Options{Token: at(p)}, agent.CodeInvalid, "names no address", "dcloud node token --address"},
		"another cloud": {Options{Token: at(p, foreign.token.Addresses[0])}, agent.CodeFailed,
			"the token is of another cloud than the one that answers: " + foreign.token.Addresses[0], "dcloud node token"},
		"a web server":        {Options{Token: at(p, web.Listener.Addr().String())}, agent.CodeFailed, "no cloud answers", "forwards TCP and UDP port 51820"},
		"a plain web server":  {Options{Token: at(p, plain.Listener.Addr().String())}, agent.CodeFailed, "no cloud answers", "--address"},
		"unknown token":       {Options{Token: unknown}, agent.CodeUnauthorized, "not known here", "dcloud node token"},
		"used token":          {Options{Token: used.token}, agent.CodeUnauthorized, "has been used", "dcloud node token"},
		"taken name":          {Options{Token: taken.token}, agent.CodeConflict, "name pi2 is in the pool already", "--name"},
		"wrong clock":         {Options{Token: p.token, Now: hour}, agent.CodeFailed, "the clocks differ by 1h0m: the machine's says ", "timedatectl"},
		"the cloud's failure": {Options{Token: internal.token}, agent.CodeInternal, "could not let the machine in", "journalctl"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.o.Request = request()
			ctx := patiently(t)
			if len(c.o.Token.Addresses) > 0 { // the error is that of the first round
				ctx = untilTold(t, &c.o, c.o.Token.Addresses[0]+": ")
			}
			_, err := Ask(ctx, c.o)
			var e *agent.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Code != c.code || !strings.Contains(e.Message, c.want) || !strings.Contains(e.Hint, c.hint) {
				t.Errorf("got %s: %s\n%s\nwant %s: %s\n%s", e.Code, e.Message, e.Hint, c.code, c.want, c.hint)
			}
			if strings.Contains(e.Message+e.Hint, c.o.Token.Secret) || strings.Contains(e.Message, "secret-token-x") {
				t.Error("a secret is told")
			}
		})
	}
}

func TestAWrongClockIsToldOnBothSidesAndUsesNothingUp(t *testing.T) {
	p := newTestPool(t)
	cloud := time.Now() // by all clocks of this test, however long it takes
	after := func(d time.Duration) func() time.Time { return func() time.Time { return cloud.Add(d) } }
	port := p.serve(t, Options{Now: after(0)})
	for _, off := range []time.Duration{-20 * 365 * 24 * time.Hour, 6 * time.Minute} {
		_, err := Ask(patiently(t), Options{Token: p.token, Request: request(), Now: after(off)})
		hour := after(off)().UTC().Format("2006-01-02 15:")
		if err == nil || !strings.Contains(err.Error(), hour) || !strings.Contains(err.Error(), cloud.UTC().Format("2006-01-02 ")) {
			t.Errorf("off by %v: %v", off, err)
		}
		if !strings.Contains(port.log.String(), hour) {
			t.Errorf("off by %v: the server's log: %s", off, port.log.String())
		}
	}
	if len(p.admissions()) != 0 {
		t.Error("the token was used up")
	}
	// Within the tolerance, and although the certificates are not valid there.
	_, err := Ask(patiently(t), Options{Token: p.token, Request: request(), Now: after(-4 * time.Minute)})
	check(t, err)
}

func TestAMachineThatIsInterruptedSaysSoAndEnds(t *testing.T) {
	p := newTestPool(t)
	p.token.Addresses = []string{loopback.Unused()}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Ask(ctx, Options{Token: p.token, Request: request(), Progress: func(string) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAnAnswerThatIsUnderWayIsFinishedWhenThePortCloses(t *testing.T) {
	p := newTestPool(t)
	asked, answer := make(chan struct{}), make(chan struct{})
	slow := &slowAdmitter{p, asked, answer}
	server := NewServer(Options{Admitter: slow, Certificate: p.shown(t, nil)})
	listener := listenLocal(t)
	p.token.Addresses = []string{listener.Addr().String()}
	ctx, closePort := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	go func() {
		<-asked
		closePort() // the token is used up
		for {       // until nobody gets in any more
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				close(answer)
				return
			}
			conn.Close()
		}
	}()
	_, err := Ask(patiently(t), Options{Token: p.token, Request: request()})
	check(t, err)
	check(t, <-ended)
}

type slowAdmitter struct {
	*testPool
	asked, answer chan struct{}
}

func (s *slowAdmitter) Admit(ctx context.Context, q pool.Request) (pool.Admission, error) {
	close(s.asked)
	<-s.answer
	return s.testPool.Admit(ctx, q)
}

// TestABrokenConnectionIsTriedAgain: the pool gives the same machine the same answer.
func TestABrokenConnectionIsTriedAgain(t *testing.T) {
	p := newTestPool(t)
	port := p.serve(t, Options{})
	between := listenLocal(t)
	p.token.Addresses = []string{between.Addr().String()}
	cuts := []int64{600, 1900} // within the handshake, and within the answer
	go func() {
		for n := 0; ; n++ {
			conn, err := between.Accept()
			if err != nil {
				return
			}
			back, err := net.Dial("tcp", port.address)
			if err != nil {
				conn.Close()
				continue
			}
			go func() { _, _ = io.Copy(back, conn); back.Close() }()
			go func() {
				var from io.Reader = back
				if n < len(cuts) {
					from = io.LimitReader(back, cuts[n])
				}
				_, _ = io.Copy(conn, from)
				conn.Close()
			}()
		}
	}()
	var told words
	_, err := Ask(patiently(t), Options{Token: p.token, Request: request(), Progress: told.add})
	if err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
}

type words struct {
	mu   sync.Mutex
	list []string
}

func (w *words) add(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, s)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.list, "\n")
}
