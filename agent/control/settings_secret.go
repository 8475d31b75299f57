package control

import (
	"context"
	"fmt"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// pathNotify is the variable of Nomad in which the password for mail lies. No job may
// read it: their own identities open `nomad/jobs/…` alone.
const (
	pathNotify  = "dcloud/notify"
	itemSMTPKey = "smtp_password"
)

// keepPassword writes a new password, or drops the one there is where mail does not go
// through the same server as the same person any more: it is nobody else's to see.
func (s *Service) keepPassword(ctx context.Context, before, next agent.Notify) (has bool, err error) {
	w := (&nomad.WriteOptions{}).WithContext(ctx)
	switch {
	case next.SMTP != "" && next.SMTPPassword != "":
		v := nomad.NewVariable(pathNotify)
		v.Items[itemSMTPKey] = next.SMTPPassword
		if _, _, err := s.Nomad.Variables().Update(v, w); err != nil {
			return false, fmt.Errorf("keep the password for mail: %w", err)
		}
		return true, nil
	case next.SMTP == before.SMTP || !before.HasPassword:
		return before.HasPassword && next.SMTP != "", nil
	}
	if _, err := s.Nomad.Variables().Delete(pathNotify, w); err != nil && !isNotFound(err) {
		return true, fmt.Errorf("delete the password for mail: %w", err)
	}
	return false, nil
}

// smtpPassword reads the password for mail, "" if there is none.
func (s *Service) smtpPassword(ctx context.Context) (string, error) {
	v, _, err := s.Nomad.Variables().Peek(pathNotify, (&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return "", fmt.Errorf("read the password for mail: %w", err)
	}
	if v == nil {
		return "", nil
	}
	return v.Items[itemSMTPKey], nil
}
