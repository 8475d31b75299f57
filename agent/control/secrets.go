package control

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"

	crand "crypto/rand"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
)

// secretsPath is where a job's own identity may read: Nomad lets the tasks of a
// job read `nomad/jobs/JOB` without any policy.
func secretsPath(app string) string { return "nomad/jobs/" + app }

// readSecrets returns an app's variable; nil if it has none.
func (s *Service) readSecrets(ctx context.Context, app string) (*nomad.Variable, error) {
	v, _, err := s.Nomad.Variables().Peek(secretsPath(app), (&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the secrets of %s: %w", app, err)
	}
	return v, nil
}

// ensureSecrets makes those of an entry's secrets that are not there yet. One that
// is there is never changed: data may depend on it. passwords are the items that
// people's own must be in. The revision is that of the variable, for the job's meta: a
// job that is built anew gets the values of now.
func (s *Service) ensureSecrets(ctx context.Context, app string, entry *catalog.App, passwords map[string]string) (made int, revision uint64, err error) {
	if len(entry.Secrets) == 0 && len(passwords) == 0 {
		return 0, 0, nil
	}
	for range 3 { // a competing write is read again
		v, err := s.readSecrets(ctx, app)
		if err != nil {
			return 0, 0, err
		}
		if lost := lostPasswords(passwords, v); len(lost) > 0 {
			return 0, 0, failed(agent.Errorf(agent.CodeFailed, "the password that was given for %s is not there any more", strings.Join(lost, ", ")).
				WithHint("give it again: dcloud app config %s --set %s=@-", app, lost[0]))
		}
		if v == nil {
			v = nomad.NewVariable(secretsPath(app))
		}
		made = 0
		for _, secret := range entry.Secrets {
			if _, there := v.Items[secret.Name]; there {
				continue
			}
			if v.Items[secret.Name], err = newSecret(s.Rand, secret); err != nil {
				return 0, 0, fmt.Errorf("make secret %s of %s: %w", secret.Name, app, err)
			}
			made++
		}
		if made == 0 {
			return 0, v.ModifyIndex, nil
		}
		written, _, err := s.Nomad.Variables().CheckedUpdate(v, (&nomad.WriteOptions{}).WithContext(ctx))
		var conflict nomad.ErrCASConflict
		if errors.As(err, &conflict) {
			continue
		}
		if err != nil {
			return 0, 0, fmt.Errorf("write the secrets of %s: %w", app, err)
		}
		return made, written.ModifyIndex, nil
	}
	return 0, 0, errChanged
}

func (s *Service) deleteSecrets(ctx context.Context, app string) error {
	if _, err := s.Nomad.Variables().Delete(secretsPath(app), (&nomad.WriteOptions{}).WithContext(ctx)); err != nil && !isNotFound(err) {
		return fmt.Errorf("delete the secrets of %s: %w", app, err)
	}
	return nil
}

var charsets = map[string]string{
	"":             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	"alphanumeric": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	"base64":       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
	"hex":          "0123456789abcdef",
	"digits":       "0123456789",
}

// newSecret draws a secret's characters, each as likely as any other; or its bytes,
// which are encoded; or a UUID of version 4 (RFC 9562, section 5.4).
func newSecret(random io.Reader, secret catalog.Secret) (string, error) {
	switch {
	case secret.Charset == "uuid":
		id := make([]byte, 16)
		if _, err := io.ReadFull(random, id); err != nil {
			return "", err
		}
		id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
		return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]), nil
	case secret.Bytes > 0:
		raw := make([]byte, secret.Bytes)
		if _, err := io.ReadFull(random, raw); err != nil {
			return "", err
		}
		if secret.Charset == "hex" {
			return hex.EncodeToString(raw), nil
		}
		return base64.StdEncoding.EncodeToString(raw), nil
	}
	letters, ok := charsets[secret.Charset]
	if !ok {
		return "", fmt.Errorf("unknown charset %q", secret.Charset)
	}
	length := secret.Length
	if length <= 0 {
		length = 32
	}
	return draw(random, letters, length)
}

// draw takes characters at random, each as likely as any other.
func draw(random io.Reader, letters string, length int) (string, error) {
	out := make([]byte, length)
	for i := range out {
		n, err := crand.Int(random, big.NewInt(int64(len(letters))))
		if err != nil {
			return "", err
		}
		out[i] = letters[n.Int64()]
	}
	return string(out), nil
}

// Secrets returns those secrets of an app that its owner may see.
func (s *Service) Secrets(ctx context.Context, name string) (_ map[string]string, err error) {
	defer s.tell(&err)
	i, entry, err := s.installed(ctx, name)
	if err != nil {
		return nil, err
	}
	v, err := s.readSecrets(ctx, i.Name)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, secret := range entry.Secrets {
		if secret.Reveal && v != nil {
			if value, there := v.Items[secret.Name]; there {
				out[secret.Name] = value
			}
		}
	}
	if len(out) > 0 {
		s.Note(ctx, agent.Activity{Action: "secrets", App: name, Detail: "saw " + strings.Join(slices.Sorted(maps.Keys(out)), ", ")})
	}
	s.Log.Info("secrets shown", "app", name, "actor", agent.Actor(ctx), "count", len(out))
	return out, nil
}
