package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"
)

// RotateConsulGossip makes key (32 bytes, base64) the only one that Consul's gossip
// takes. It can be repeated after an error: a machine that could not be reached in
// between keeps the old one and has to be told the new one when it is back. The
// client must hold the management token.
// (https://developer.hashicorp.com/consul/api-docs/operator/keyring)
func RotateConsulGossip(ctx context.Context, c *consul.Client, key string) error {
	op, w := c.Operator(), (&consul.WriteOptions{}).WithContext(ctx)
	if err := op.KeyringInstall(key, w); err != nil {
		return hide(fmt.Errorf("install Consul's new gossip key: %w", err), key)
	}
	if err := op.KeyringUse(key, w); err != nil {
		return hide(fmt.Errorf("use Consul's new gossip key: %w", err), key)
	}
	rings, err := op.KeyringList((&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("list Consul's gossip keys: %w", err)
	}
	old := map[string]bool{}
	for _, ring := range rings {
		for k := range ring.Keys {
			if k != key {
				old[k] = true
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(old)) {
		if err := op.KeyringRemove(k, w); err != nil {
			return hide(fmt.Errorf("remove Consul's old gossip key: %w", err), key, k)
		}
	}
	return nil
}

// RotateNomadGossip makes key (32 bytes, base64) the only one that the gossip of
// Nomad's servers takes. It can be repeated after an error.
// (https://developer.hashicorp.com/nomad/api-docs/agent#list-gossip-encryption-keys)
func RotateNomadGossip(ctx context.Context, c *nomad.Client, key string) error {
	// The client's own functions for this take no context.
	w := (&nomad.WriteOptions{}).WithContext(ctx)
	raw := c.Raw()
	tell := func(what, key string) error {
		var answer nomad.KeyringResponse
		if _, err := raw.Write("/v1/agent/keyring/"+what, &nomad.KeyringRequest{Key: key}, &answer, w); err != nil {
			return err
		}
		for member, said := range answer.Messages {
			if said != "" {
				return fmt.Errorf("%s: %s", member, said)
			}
		}
		return nil
	}
	if err := tell("install", key); err != nil {
		return hide(fmt.Errorf("install Nomad's new gossip key: %w", err), key)
	}
	if err := tell("use", key); err != nil {
		return hide(fmt.Errorf("use Nomad's new gossip key: %w", err), key)
	}
	var have nomad.KeyringResponse
	if _, err := raw.Query("/v1/agent/keyring/list", &have, (&nomad.QueryOptions{}).WithContext(ctx)); err != nil {
		return fmt.Errorf("list Nomad's gossip keys: %w", err)
	}
	for _, k := range slices.Sorted(maps.Keys(have.Keys)) {
		if k == key {
			continue
		}
		if err := tell("remove", k); err != nil {
			return hide(fmt.Errorf("remove Nomad's old gossip key: %w", err), key, k)
		}
	}
	return nil
}

// hide returns an error whose text has none of the keys in it: engines quote what
// they were sent.
func hide(err error, keys ...string) error {
	text := err.Error()
	clean := text
	for _, k := range keys {
		if k != "" {
			clean = strings.ReplaceAll(clean, k, "(key)")
		}
	}
	if clean == text {
		return err
	}
	return errors.New(clean)
}
