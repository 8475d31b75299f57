package join

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// Ask asks the pool of the token to let this machine in. It tries the token's
// addresses, and waits for a server's call as well (Listen) where none answers, again
// and again until there is an answer or ctx ends. It uses Log, Now, Token, Request,
// Listen and Progress.
//
// Errors are *agent.Error that say what is wrong and what to do, except ctx's own
// when it is cancelled. The secret has left this machine only towards the pool.
func Ask(ctx context.Context, o Options) (pool.Admission, error) {
	o = o.filled()
	q := o.Request
	q.Token, q.Secret, q.Protocol = o.Token.ID, o.Token.Secret, Protocol
	q.Endpoints = q.Endpoints[:min(len(q.Endpoints), maxEndpoints)] // the likeliest come first
	q.Taken = q.Taken[:min(len(q.Taken), maxTaken)]
	body := func() any { q.Time = o.Now().UTC(); return q }
	data, err := ask(ctx, o, "/join", body)
	if err != nil {
		return pool.Admission{}, err
	}
	var a pool.Admission
	if err := json.Unmarshal(data, &a); err != nil {
		return pool.Admission{}, oddAnswer("it cannot be read")
	}
	if err := checkAdmission(a, o); err != nil {
		return pool.Admission{}, err
	}
	return a, nil
}

// Decline tells the pool that this machine, which Ask let in with the same token,
// gives up. It uses what Ask uses, of Request only the ID.
func Decline(ctx context.Context, o Options) error {
	o = o.filled()
	q := decline{Protocol: Protocol, Token: o.Token.ID, Secret: o.Token.Secret, ID: o.Request.ID}
	_, err := ask(ctx, o, "/decline", func() any { return q })
	return err
}

// checkAdmission makes sure that what is adopted belongs together.
func checkAdmission(a pool.Admission, o Options) error {
	block, _ := pem.Decode([]byte(a.Authority))
	if block == nil || sha256.Sum256(block.Bytes) != o.Token.Fingerprint {
		return oddAnswer("the authority in it is not the token's")
	}
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return oddAnswer("the authority in it cannot be read")
	}
	roster, err := pool.OpenRoster(a.Roster, authority)
	if err != nil {
		return oddAnswer("its roster is not signed by the pool's authority")
	}
	if m, ok := roster.Member(o.Request.ID); a.Member.ID != o.Request.ID || !ok || m.Key != o.Request.Key {
		return oddAnswer("this machine is not in its roster")
	}
	return nil
}

func oddAnswer(why string) error {
	return agent.Errorf(agent.CodeFailed, "the cloud's answer does not fit: %s", why).
		WithHint("install the version of dcloud that the cloud runs: dcloud version tells it there")
}

// asking is one exchange that goes on until it has an answer.
type asking struct {
	o      Options
	calls  chan met
	wrong  chan string // what is told of calls by strangers
	errs   []error     // the last round's, by address
	failed string      // what went wrong after a meeting, in words
	told   map[string]bool
	waits  bool // for a call
	// listening ends, and the port is free again, soon after the asking.
	listening sync.WaitGroup
	// pending is whether the cloud has said that somebody is to accept this machine.
	pending  bool
	until    time.Time   // when nobody can accept it any more; zero for unknown
	patience *time.Timer // ends the asking; nil for never
}

// grace is how much longer than a token is good its cloud is asked: it may say itself
// that the time is over.
const grace = 10 * time.Second

func ask(ctx context.Context, o Options, path string, body func() any) ([]byte, error) {
	if len(o.Token.Addresses) == 0 && o.Listen == "" {
		return nil, agent.Errorf(agent.CodeInvalid, "the token names no address of the cloud").
			WithHint("on the cloud's server: dcloud node token --address NAME-OR-ADDRESS")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	a := &asking{o: o, calls: make(chan met), wrong: make(chan string, maxIncoming), told: map[string]bool{}}
	defer a.listening.Wait()
	defer cancel(nil)
	if o.Patience > 0 {
		a.patience = time.AfterFunc(o.Patience, func() { cancel(context.DeadlineExceeded) })
		defer a.patience.Stop()
	}
	var m *met
	for rounds := 0; ; rounds++ {
		if m == nil {
			var err error
			if m, err = a.meet(ctx, rounds); err != nil {
				return nil, err
			}
		}
		wait, answered := pause, m != nil
		if answered {
			a.say("asking the cloud at %s", m.address)
			data, longer, err := exchange(ctx, o, m, path, body())
			if err == nil {
				return data, nil
			}
			if err := a.again(ctx, err); err != nil {
				return nil, err
			}
			wait = max(wait, longer)
		}
		if !answered && !a.until.IsZero() && time.Now().After(a.until) {
			return nil, nobodyAccepted()
		}
		var err error
		if m, err = a.wait(ctx, wait); err != nil {
			return nil, a.ended(ctx)
		}
	}
}

// again takes note of why there is no answer yet. An error is the answer.
func (a *asking) again(ctx context.Context, err error) error {
	var broken *transient
	var asks *waiting
	switch {
	case errors.As(err, &asks):
		// The cloud is there and somebody is to answer: that takes as long as it takes,
		// the token's time at most.
		a.pending, a.failed, a.until = true, "", time.Time{}
		if asks.left > 0 {
			a.until = time.Now().Add(asks.left + grace)
		}
		if a.patience != nil {
			a.patience.Reset(a.o.Patience)
		}
		a.say("%s", asks.text)
	case errors.As(err, &broken):
		if ctx.Err() == nil {
			a.failed = broken.Error()
			a.say("%s; trying again", broken.Error())
		}
	default:
		return err
	}
	return nil
}

// meet is one round: it returns a connection to the pool, nil where there is none
// yet, or an error that ends it all.
func (a *asking) meet(ctx context.Context, rounds int) (*met, error) {
	if len(a.o.Token.Addresses) > 0 {
		a.say("looking for the cloud at %s", strings.Join(a.o.Token.Addresses, ", "))
	}
	outward, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		m    *met
		errs []error
	}
	raced := make(chan result, 1)
	go func() {
		m, errs := race(outward, a.o, pinned(a.o.Token.Fingerprint))
		raced <- result{m, errs}
	}()
	patience := time.NewTimer(callPatience)
	defer patience.Stop()
	for {
		select {
		case <-patience.C:
			a.open(ctx)
		case m := <-a.calls:
			cancel()
			go func() {
				if r := <-raced; r.m != nil {
					_ = r.m.conn.Close()
				}
			}()
			return &m, nil
		case r := <-raced:
			if r.m != nil || ctx.Err() == nil {
				return r.m, a.lost(ctx, r.errs, rounds)
			}
			return nil, a.ended(ctx)
		}
	}
}

// lost takes note of why no address led to the pool; nil errs: one did.
func (a *asking) lost(ctx context.Context, errs []error, rounds int) error {
	if errs == nil {
		return nil
	}
	a.errs = errs
	for i, err := range errs {
		a.say("%s: %s", a.o.Token.Addresses[i], reason(err))
	}
	// With a listener the pool may still call, although strangers have the addresses,
	// as happens with private ones; then it gets some rounds to do so.
	if len(errs) > 0 && allStrangers(errs) && (a.o.Listen == "" || rounds >= strangerRounds) {
		return a.strangers()
	}
	a.open(ctx)
	return nil
}

// callPatience is how long the addresses are tried before the machine waits for a
// call as well: longer than a handshake with the other end of the world takes.
const callPatience = time.Second

// strangerRounds are about 20 seconds in which a server calls ten times.
const strangerRounds = 10

// open begins to wait for calls.
func (a *asking) open(ctx context.Context) {
	if a.waits || a.o.Listen == "" {
		return
	}
	listener, err := net.Listen("tcp", a.o.Listen)
	if err != nil {
		a.say("cannot wait for the cloud's call at port %s: %s", strings.TrimPrefix(a.o.Listen, ":"), reason(err))
		return
	}
	a.waits = true
	a.say("waiting for the cloud's call at %s as well", listener.Addr())
	a.listening.Go(func() {
		listen(ctx, listener, pinned(a.o.Token.Fingerprint), a.calls, func(address string, err error) {
			select {
			case a.wrong <- fmt.Sprintf("a call from %s: %s", address, reason(err)):
			default: // enough has been told
			}
		})
	})
}

// wait lasts until the time is over or a server calls.
func (a *asking) wait(ctx context.Context, d time.Duration) (*met, error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case m := <-a.calls:
			return &m, nil
		case text := <-a.wrong:
			a.say("%s", text)
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// say tells something once.
func (a *asking) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if a.told[text] || len(a.told) > 200 {
		return
	}
	a.told[text] = true
	a.o.Progress(text)
}
