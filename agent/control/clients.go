package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"
)

// DialConsul returns a client of the Consul at host:port. The environment is not
// asked: CONSUL_HTTP_ADDR may point elsewhere.
func DialConsul(address, token string) (*consul.Client, error) {
	c := consul.DefaultConfig()
	c.Address, c.Scheme, c.Token, c.TokenFile, c.Namespace, c.Partition = address, "http", token, "", "", ""
	return consul.NewClient(c)
}

// NomadAddress says where Nomad is and how one shows that one may speak to it.
type NomadAddress struct {
	Address string // host:port
	Region  string
	Client  bool // it is one of a machine that is no server
	Token   string
	CACert  string // files, PEM
	Cert    string
	Key     string
}

// DialNomad returns a client of Nomad over mutual TLS. The environment is not
// asked: NOMAD_ADDR may point elsewhere.
func DialNomad(a NomadAddress) (*nomad.Client, error) {
	name := "server."
	if a.Client {
		name = "client."
	}
	return nomad.NewClient(&nomad.Config{
		Address: "https://" + a.Address, Region: a.Region, SecretID: a.Token,
		TLSConfig: &nomad.TLSConfig{
			CACert: a.CACert, ClientCert: a.Cert, ClientKey: a.Key, TLSServerName: name + a.Region + ".nomad",
		},
	})
}

// once runs f until it succeeds, and never again. It is not for concurrent use:
// an engine's readiness is asked for by one goroutine.
func once(f func(context.Context) error) func(context.Context) error {
	done := false
	return func(ctx context.Context) error {
		if done {
			return nil
		}
		err := f(ctx)
		done = err == nil
		return err
	}
}

// ConsulReady returns a function that is nil once Consul has a leader and the
// tokens that the other engines start with.
func ConsulReady(c *consul.Client, grants []Grant) func(context.Context) error {
	bootstrap := once(func(ctx context.Context) error { return bootstrapConsul(ctx, c, grants) })
	return func(ctx context.Context) error {
		leader, err := c.Status().LeaderWithQueryOptions((&consul.QueryOptions{}).WithContext(ctx))
		if err != nil {
			return err
		}
		if leader == "" {
			return errors.New("it has no leader yet")
		}
		return bootstrap(ctx)
	}
}

// introduceEvery is how long a machine that Nomad's servers do not know yet is waited
// for before it is introduced once more: its client has a restart and a registration to do.
const introduceEvery = 30 * time.Second

// NomadReady returns a function that is nil once Nomad knows the node of that name,
// that node can run containers, and has told so in this run of Nomad. It is for
// servers, which set Nomad up.
//
// introduce is called, not more often than introduceEvery, while the node is unknown:
// Nomad's servers take in no machine that was not introduced, and the first server's
// own client has tried before there was anybody to do that. It is handed the
// introduction token, is to leave that where Nomad's client finds it, and to restart
// Nomad without waiting until it is ready.
func NomadReady(c *nomad.Client, node, secret string, introduce func(token string) error) func(context.Context) error {
	bootstrap := once(func(ctx context.Context) error {
		if _, err := bootstrapNomad(ctx, c, secret); err != nil {
			return err
		}
		return awaitKeys(ctx, c)
	})
	var last time.Time
	client := &registration{nomad: c}
	return func(ctx context.Context) error {
		if err := bootstrap(ctx); err != nil {
			return err
		}
		err := joined(ctx, c, node)
		if errors.Is(err, errUnknownNode) && time.Since(last) >= introduceEvery {
			token, err := introductionToken(ctx, c, node)
			if err == nil {
				err = introduce(token)
			}
			if err != nil {
				return err
			}
			last = time.Now()
			return errUnknownNode
		}
		return cmp.Or(client.await(ctx), err)
	}
}

// introductionToken makes a token with which the client of one machine can register at
// Nomad's servers for the first time.
func introductionToken(ctx context.Context, c *nomad.Client, node string) (string, error) {
	res, _, err := c.ACLIdentity().CreateClientIntroductionToken(
		&nomad.ACLIdentityClientIntroductionTokenRequest{TTL: introTTL, NodeName: node}, (&nomad.WriteOptions{}).WithContext(ctx))
	if err != nil {
		return "", fmt.Errorf("introduce %s to Nomad: %w", node, err)
	}
	return res.JWT, nil
}

// awaitKeys waits until Nomad's keyring has a key.
func awaitKeys(ctx context.Context, c *nomad.Client) error {
	var index uint64
	for {
		keys, meta, err := c.Keyring().List((&nomad.QueryOptions{WaitIndex: index}).WithContext(ctx))
		if err != nil {
			return fmt.Errorf("list Nomad's keys: %w", err)
		}
		if len(keys) > 0 {
			return nil
		}
		index = meta.LastIndex
	}
}

// errUnknownNode says that Nomad's servers have not taken this machine in.
var errUnknownNode = errors.New("this machine has not joined yet")

func joined(ctx context.Context, c *nomad.Client, name string) error {
	nodes, _, err := c.Nodes().List((&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if n.Name != name {
			continue
		}
		if n.Status != nomad.NodeStatusReady {
			return fmt.Errorf("this machine is %s", n.Status)
		}
		if d := n.Drivers["docker"]; d == nil || !d.Healthy {
			return errors.New("it cannot reach Docker")
		}
		return nil
	}
	return errUnknownNode
}
