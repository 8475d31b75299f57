package people

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// used is the record of a challenge that was answered with a passkey, so that the
// answer does not serve again.
type used struct {
	Expires time.Time `json:"expires"`
}

// sweep throws away what has run out: sessions, invitations, answered challenges. Two
// servers may do it at once.
func (s *Service) sweep(ctx context.Context) error {
	stamps := map[string]string{}
	invites := map[string]bool{}
	sessions, err := s.Store.List(ctx, prefixIn) // before the accounts: one that began later is left alone
	if err != nil {
		return err
	}
	keys, err := s.Store.List(ctx, prefixKeys)
	if err != nil {
		return err
	}
	accounts, err := s.accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		stamps[a.Name], invites[prefixKeys+a.Invite] = a.Stamp, true
	}
	var over []Record
	for _, r := range sessions {
		var in session
		if json.Unmarshal(r.Value, &in) != nil || in.over(s.Now()) || stamps[in.User] != in.Stamp {
			over = append(over, r)
		}
	}
	for _, r := range keys {
		var in invite
		if json.Unmarshal(r.Value, &in) != nil || !s.Now().Before(in.Expires) || !invites[r.Key] {
			over = append(over, r)
		}
	}
	answered, err := s.Store.List(ctx, prefixUsed)
	if err != nil {
		return err
	}
	for _, r := range answered {
		var u used
		if json.Unmarshal(r.Value, &u) != nil || !s.Now().Before(u.Expires) {
			over = append(over, r)
		}
	}
	for _, r := range over {
		err := s.Store.Write(ctx, Op{Key: r.Key, Index: r.Index, Delete: true})
		if err != nil && !errors.Is(err, ErrChanged) {
			return err
		}
	}
	return nil
}
