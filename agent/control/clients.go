package control

import (
	"context"
	"errors"
	"fmt"

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

// Clients speak to this machine's engines.
type Clients struct {
	Consul *consul.Client
	Nomad  *nomad.Client
}

// Dial returns clients of Consul at host:port, with a token, and of Nomad.
func Dial(consulAddress, token string, at NomadAddress) (c Clients, err error) {
	if c.Consul, err = DialConsul(consulAddress, token); err != nil {
		return c, err
	}
	c.Nomad, err = DialNomad(at)
	return c, err
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

// NomadReady returns a function that is nil once Nomad knows the node of that name,
// that node can run containers, and has told so in this run of Nomad. It is for
// servers, which set Nomad up.
//
// fresh is called once where Nomad was set up for the first time. Its client has then
// tried to register before the server had made its keys, and would try again only
// after 15 to 30 s: a restart gets there in two.
func NomadReady(c *nomad.Client, node, secret string, fresh func()) func(context.Context) error {
	bootstrap := once(func(ctx context.Context) error {
		if _, err := bootstrapNomad(ctx, c, secret); err != nil {
			return err
		}
		if err := awaitKeys(ctx, c); err != nil {
			return err
		}
		// Not only where Nomad's first token was made just now: an agent that was killed
		// right after that left a machine that is unknown.
		if errors.Is(joined(ctx, c, node), errUnknownNode) {
			fresh()
		}
		return nil
	})
	client := &registration{nomad: c}
	return func(ctx context.Context) error {
		if err := bootstrap(ctx); err != nil {
			return err
		}
		if err := joined(ctx, c, node); err != nil {
			return err
		}
		return client.await(ctx)
	}
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
