package control

import (
	"context"
	"fmt"
	"strings"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"
)

// Grant is an ACL token of Consul that an engine starts with: its secret was made
// with the node, and what it may do is written here.
type Grant struct {
	Name   string // "nomad", "traefik"
	Rules  string // Consul's policy language
	Secret string
}

// bootstrapConsul makes the policies and tokens that the engines start with, as
// far as they are not there. The client must hold the management token.
func bootstrapConsul(ctx context.Context, c *consul.Client, grants []Grant) error {
	acl, w := c.ACL(), (&consul.WriteOptions{}).WithContext(ctx)
	for _, g := range grants {
		policy, err := ensurePolicy(ctx, acl, "dcloud-"+g.Name, "What "+g.Name+" may do.", g.Rules)
		if err != nil {
			return err
		}
		// A token is asked for by itself: whoever may read it holds it.
		own, _, err := acl.TokenReadSelf((&consul.QueryOptions{Token: g.Secret}).WithContext(ctx))
		if err == nil && own != nil {
			continue
		}
		if err != nil && !strings.Contains(err.Error(), "ACL not found") {
			return fmt.Errorf("read Consul's token of %s: %w", g.Name, err)
		}
		token := &consul.ACLToken{SecretID: g.Secret, Description: "dcloud " + g.Name, Policies: []*consul.ACLLink{{ID: policy}}}
		if _, _, err := acl.TokenCreate(token, w); err != nil {
			return fmt.Errorf("make Consul's token of %s: %w", g.Name, err)
		}
	}
	return nil
}

// ensurePolicy makes a policy, or gives it other rules, and returns its ID.
func ensurePolicy(ctx context.Context, acl *consul.ACL, name, about, rules string) (string, error) {
	w := (&consul.WriteOptions{}).WithContext(ctx)
	policy, _, err := acl.PolicyReadByName(name, consistent(ctx))
	switch {
	case err != nil && !consulNotFound(err):
		return "", fmt.Errorf("read Consul's policy %s: %w", name, err)
	case policy == nil:
		if policy, _, err = acl.PolicyCreate(&consul.ACLPolicy{Name: name, Description: about, Rules: rules}, w); err != nil {
			return "", fmt.Errorf("make Consul's policy %s: %w", name, err)
		}
	case policy.Rules != rules:
		policy.Rules = rules
		if _, _, err = acl.PolicyUpdate(policy, w); err != nil {
			return "", fmt.Errorf("change Consul's policy %s: %w", name, err)
		}
	}
	return policy.ID, nil
}

func consulNotFound(err error) bool {
	return strings.Contains(err.Error(), "404") || strings.Contains(err.Error(), "not found")
}

// bootstrapNomad makes Nomad's management token from a secret, and tells whether
// this was the first time; that it has been done before is no error.
func bootstrapNomad(ctx context.Context, c *nomad.Client, secret string) (first bool, err error) {
	_, _, err = c.ACLTokens().BootstrapOpts(secret, (&nomad.WriteOptions{}).WithContext(ctx))
	switch {
	case err == nil:
		return true, nil
	case strings.Contains(err.Error(), "ACL bootstrap already done"):
		return false, nil
	}
	return false, fmt.Errorf("make Nomad's first token: %w", err)
}
