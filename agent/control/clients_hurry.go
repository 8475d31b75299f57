package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	nomad "github.com/hashicorp/nomad/api"
)

// registration sees to it that Nomad's client on a server, which the servers know
// already, registers soon after a start.
//
// In the first moments after its start a server has not unlocked the key with which it
// would verify its own client's identity, and refuses that. The client then waits for
// 15 to 30 s, unless another question of its own to a server is answered meanwhile
// (rpcRetryWatcher in Nomad's client/rpc.go). Whose a token is that it does not know
// yet is such a question. (A client that never was registered puts none; see NomadReady.)
type registration struct {
	nomad *nomad.Client
	asked time.Time     // when the client was last made to ask
	gap   time.Duration // until it is made to ask again
}

const (
	hurryFirst = 250 * time.Millisecond
	hurryLast  = 8 * time.Second
	hurryToken = time.Minute // the least that Nomad gives a token
)

// await is nil once the client has registered in this run of Nomad.
func (r *registration) await(ctx context.Context) error {
	self, err := r.nomad.Agent().Self()
	if err != nil {
		return fmt.Errorf("ask Nomad for its state: %w", err)
	}
	// 0s until a server has answered a registration.
	if ttl := self.Stats["client"]["heartbeat_ttl"]; ttl != "" && ttl != "0s" {
		r.gap = 0
		return nil
	}
	now := time.Now()
	switch {
	case r.gap == 0:
		r.asked, r.gap = now, hurryFirst
	case now.Sub(r.asked) >= r.gap:
		r.asked, r.gap = now, min(2*r.gap, hurryLast)
		if err := r.hurry(ctx); err != nil {
			return err
		}
	}
	return errors.New("it registers this machine")
}

// hurry makes the client ask a server about a token, which ends by itself.
func (r *registration) hurry(ctx context.Context) error {
	token, _, err := r.nomad.ACLTokens().Create(&nomad.ACLToken{Name: "dcloud hurry", Type: "management", ExpirationTTL: hurryToken},
		(&nomad.WriteOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("hurry Nomad's client: %w", err)
	}
	var stats nomad.HostStats
	_, err = r.nomad.Raw().Query("/v1/client/stats", &stats, (&nomad.QueryOptions{AuthToken: token.SecretID}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("hurry Nomad's client: %w", err)
	}
	return nil
}
