// Package notify tells people of failures where they asked to be told: a webhook, a
// topic of ntfy, an address of mail. It keeps nothing and decides nothing: what is
// told, and when, is control's.
//
// It depends on the words in agent alone. Start reading at Send.
package notify

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Sender tells of failures. The zero value works.
type Sender struct {
	// Client speaks to webhooks and ntfy; one with limits unless given.
	Client *http.Client
	// Pause is how long to wait before each new try; as long as its list is, so many
	// more tries there are. A failure that matters is worth a minute or so.
	Pause []time.Duration
	// Timeout bounds one try; 10 s unless said.
	Timeout time.Duration
	// Roots are the authorities that a mail server's certificate may be of, nil for
	// those that this machine trusts.
	Roots *x509.CertPool
}

// Message is what is told.
type Message struct {
	Cloud    string // what it is called
	Domain   string
	Panel    string // URL of the panel, "" if there is none
	Activity agent.Activity
}

// Send tells a message at all places that are named (to.SMTPPassword is that for mail,
// where one is needed), at each until it worked or the tries are used up. The error
// says of each place that failed what was wrong, and nothing of what is secret in its
// address.
func (s Sender) Send(ctx context.Context, to agent.Notify, m Message) error {
	type place struct {
		name string
		tell func(context.Context) error
	}
	var places []place
	if to.Webhook != "" {
		places = append(places, place{"the webhook", func(ctx context.Context) error { return s.webhook(ctx, to.Webhook, m) }})
	}
	if to.Ntfy != "" {
		places = append(places, place{"ntfy", func(ctx context.Context) error { return s.ntfy(ctx, to.Ntfy, m) }})
	}
	if to.Email != "" && to.SMTP != "" {
		places = append(places, place{"mail", func(ctx context.Context) error { return s.mail(ctx, to, m) }})
	}
	all := make([]error, len(places)) // in their order, whichever is done first
	var wg sync.WaitGroup
	for k, p := range places {
		wg.Go(func() {
			if err := s.again(ctx, p.tell); err != nil {
				all[k] = fmt.Errorf("%s: %w", p.name, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(all...)
}

// permanent is an error that a new try would not mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// again tries until it works, the tries are used up, or ctx ends.
func (s Sender) again(ctx context.Context, try func(context.Context) error) error {
	limit := s.Timeout
	if limit == 0 {
		limit = 10 * time.Second
	}
	for n := 0; ; n++ {
		once, cancel := context.WithTimeout(ctx, limit)
		err := try(once)
		cancel()
		var final permanent
		if err == nil || errors.As(err, &final) || n >= len(s.Pause) || ctx.Err() != nil {
			return err
		}
		wait := time.NewTimer(s.Pause[n])
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return err
		}
	}
}
