package control

import (
	"context"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent/pool"
)

// tokenName is what a token's ID can be; anything else is not looked up.
var tokenName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Files in which a machine keeps Consul's tokens (provisioning/node, Layout.Secrets).
const (
	fileConsulAgent   = "consul-agent-token"
	fileConsulNomad   = "consul-nomad-token"
	fileConsulTraefik = "consul-traefik-token"
)

// nodeRules is what a machine's Consul agent and Nomad may do with its token: be that
// one machine, register the services of apps that run there, and read who else is
// there (https://developer.hashicorp.com/consul/docs/reference/acl/rule). Nothing in
// the KV store: our records are the servers' alone.
func nodeRules(name string) string {
	return fmt.Sprintf(`node %[1]q {
  policy = "write"
}
agent %[1]q {
  policy = "read"
}
node_prefix "" {
  policy = "read"
}
service_prefix "" {
  policy = "write"
}
`, name)
}

// doorRules is what a front door may do with its token: see services and their health.
const doorRules = `node_prefix "" {
  policy = "read"
}
service_prefix "" {
  policy = "read"
}
`

// nodeGrant is a token of Consul that one machine has.
type nodeGrant struct {
	policy   string // its name; the token's rights are this policy's alone
	rules    string
	accessor string // the token's public ID, made of the machine's: so it is found again
	files    []string
}

func nodeGrants(m pool.Member) []nodeGrant {
	list := []nodeGrant{{"dcloud-node-" + m.Name, nodeRules(m.Name), accessorOf(m.ID, "node"), []string{fileConsulAgent, fileConsulNomad}}}
	if pool.HasDoor(m.Role) {
		list = append(list, nodeGrant{"dcloud-door-" + m.Name, doorRules, accessorOf(m.ID, "door"), []string{fileConsulTraefik}})
	}
	return list
}

// accessorOf makes a UUID of a machine's and a purpose (RFC 9562, version 8).
func accessorOf(id, purpose string) string {
	b := sha256.Sum256([]byte("dcloud " + purpose + " " + id))
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// grantNode makes a machine's policies and tokens in Consul as far as they are not
// there, and returns the tokens' secrets by file.
func (s *Service) grantNode(ctx context.Context, m pool.Member) (map[string]string, error) {
	acl, w := s.Consul.ACL(), (&consul.WriteOptions{}).WithContext(ctx)
	secrets := map[string]string{}
	for _, g := range nodeGrants(m) {
		policy, err := ensurePolicy(ctx, acl, g.policy, "What the machine "+m.Name+" may do.", g.rules)
		if err != nil {
			return nil, err
		}
		token, _, err := acl.TokenRead(g.accessor, consistent(ctx))
		if err != nil && !consulNotFound(err) && !strings.Contains(err.Error(), "ACL not found") {
			return nil, fmt.Errorf("read Consul's token of %s: %w", m.Name, err)
		}
		if err == nil && token != nil && (len(token.Policies) != 1 || token.Policies[0].ID != policy) {
			if _, err := acl.TokenDelete(g.accessor, w); err != nil { // of a try under another name
				return nil, fmt.Errorf("delete Consul's token of %s: %w", m.Name, err)
			}
			token = nil
		}
		if err != nil || token == nil {
			token, _, err = acl.TokenCreate(&consul.ACLToken{AccessorID: g.accessor, Description: "dcloud machine " + m.Name,
				Policies: []*consul.ACLLink{{ID: policy}}}, w)
			if err != nil {
				return nil, fmt.Errorf("make Consul's token of %s: %w", m.Name, err)
			}
		}
		for _, file := range g.files {
			secrets[file] = token.SecretID
		}
	}
	return secrets, nil
}

// revokeNode deletes what grantNode made for a machine of any role.
func (s *Service) revokeNode(ctx context.Context, m pool.Member) error {
	acl, w := s.Consul.ACL(), (&consul.WriteOptions{}).WithContext(ctx)
	m.Role = pool.RoleServer // has all that there is; what was never made is not found
	for _, g := range nodeGrants(m) {
		_, err := acl.TokenDelete(g.accessor, w)
		if err != nil && !consulNotFound(err) && !strings.Contains(err.Error(), "ACL not found") {
			return fmt.Errorf("delete Consul's token of %s: %w", m.Name, err)
		}
		policy, _, err := acl.PolicyReadByName(g.policy, consistent(ctx))
		if err != nil && !consulNotFound(err) {
			return fmt.Errorf("read Consul's policy %s: %w", g.policy, err)
		}
		if err != nil || policy == nil {
			continue
		}
		if _, err := acl.PolicyDelete(policy.ID, w); err != nil && !consulNotFound(err) {
			return fmt.Errorf("delete Consul's policy %s: %w", g.policy, err)
		}
	}
	return nil
}
