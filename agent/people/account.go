package people

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
)

// account is the record of somebody. Without a password it waits for its invitation to
// be taken up.
type account struct {
	ID       string    `json:"id"` // random, never changes: what passkeys know the person by
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Email    string    `json:"email,omitempty"`
	Role     string    `json:"role"`
	Created  time.Time `json:"created"`
	Seen     time.Time `json:"seen,omitzero"` // when they signed in last
	Password string    `json:"password,omitempty"`
	// Stamp is copied into each session. A new one ends them all.
	Stamp    string    `json:"stamp"`
	Invite   string    `json:"invite,omitempty"` // hash of the key of the invitation under way
	TOTP     *totpKey  `json:"totp,omitempty"`
	NewTOTP  *totpKey  `json:"new_totp,omitempty"` // not confirmed yet
	Codes    []string  `json:"codes,omitempty"`    // hashes of the recovery codes that are left
	Passkeys []passkey `json:"passkeys,omitempty"`

	index uint64
}

// letters is base32 without padding.
var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// nameShape is what people sign in with.
var nameShape = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// reserved names would be taken for the machine itself in the list of changes.
var reserved = []string{"root", "system", "cloud", "token", "unix"}

// checkName tells what is wrong with a name.
func checkName(name string) error {
	switch {
	case name == "":
		return agent.Errorf(agent.CodeInvalid, "a name is missing").WithHint("choose one: small letters and digits, like ada")
	case !nameShape.MatchString(name):
		return agent.Errorf(agent.CodeInvalid, "%q cannot be a name to sign in with", clip(name, 40)).
			WithHint("use small letters, digits and hyphens, beginning with a letter, at most 32")
	case slices.Contains(reserved, name):
		return agent.Errorf(agent.CodeInvalid, "the name %s is the cloud's own", name).WithHint("choose another")
	}
	return nil
}

// The length of a title in letters, and of an address (RFC 5321) in bytes.
const (
	maxTitle = 64
	maxEmail = 254
)

// cleanTitle is how somebody is called, the name where nothing is said.
func cleanTitle(title, name string) (string, error) {
	title = strings.Join(strings.Fields(title), " ")
	if title == "" {
		return name, nil
	}
	if !printable(title) || utf8.RuneCountInString(title) > maxTitle {
		return "", agent.Errorf(agent.CodeInvalid, "nobody can be called that here").
			WithHint("use at most %d letters, and nothing that cannot be seen", maxTitle)
	}
	return title, nil
}

func cleanEmail(email string) (string, error) {
	email = strings.TrimSpace(email)
	if email == "" {
		return "", nil
	}
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > maxEmail || !printable(email) {
		return "", agent.Errorf(agent.CodeInvalid, "%q is no e-mail address", clip(email, 60)).WithHint("write it like ada@example.org, or leave it out")
	}
	return email, nil
}

func printable(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// clip shortens what somebody typed for a message.
func clip(text string, n int) string {
	text = strings.ToValidUTF8(text, "?")
	if r := []rune(text); len(r) > n {
		return string(r[:n]) + "…"
	}
	return text
}

// invited tells whether the account cannot be used yet.
func (a *account) invited() bool { return a.Password == "" }

// user is the account as people see it.
func (a *account) user() agent.User {
	u := agent.User{Name: a.Name, Title: a.Title, Email: a.Email, Role: a.Role, Invited: a.invited(), Created: a.Created,
		Seen: a.Seen, TOTP: a.TOTP != nil, Codes: len(a.Codes), Passkeys: []agent.Passkey{}}
	for _, p := range a.Passkeys {
		u.Passkeys = append(u.Passkeys, p.Passkey)
	}
	return u
}

// account reads somebody's record; agent.CodeNotFound where there is none.
func (s *Service) account(ctx context.Context, name string) (*account, error) {
	if !nameShape.MatchString(name) {
		return nil, errNobody(name)
	}
	var a account
	index, err := s.read(ctx, prefixUsers+name, &a)
	if err != nil {
		return nil, fmt.Errorf("read the account %s: %w", name, err)
	}
	if index == 0 {
		return nil, errNobody(name)
	}
	a.index = index
	return &a, nil
}

// found is account, nil where there is none.
func (s *Service) found(ctx context.Context, name string) (*account, error) {
	a, err := s.account(ctx, name)
	var e *agent.Error
	if errors.As(err, &e) && e.Code == agent.CodeNotFound {
		return nil, nil
	}
	return a, err
}

func (s *Service) accounts(ctx context.Context) ([]*account, error) {
	records, err := s.Store.List(ctx, prefixUsers)
	if err != nil {
		return nil, fmt.Errorf("read the accounts: %w", err)
	}
	var out []*account
	for _, r := range records {
		a := &account{index: r.Index}
		if err := json.Unmarshal(r.Value, a); err != nil || prefixUsers+a.Name != r.Key {
			s.Log.Warn("the record of a person is damaged", "key", r.Key, "err", err)
			continue
		}
		out = append(out, a)
	}
	return out, nil
}

func errNobody(name string) error {
	return agent.Errorf(agent.CodeNotFound, "nobody is called %q here", clip(name, 40)).WithHint("see who is with: dcloud user list")
}
