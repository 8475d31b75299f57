package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// Password is everybody's, and Code what an authenticator app shows.
const (
	Password = "correct horse battery staple"
	Code     = "123456"
)

// Accounts lets in whoever of the sample's people gives Password. Invitations have the
// keys "first", "invite" (mary's) and "reset" (member's). A passkey's answer is right
// if it names the ID of one that somebody has.
type Accounts struct {
	people *people
	now    func() time.Time

	mu       sync.Mutex
	count    int
	sessions map[string]agent.Session // by token
	pending  map[string]string        // who has yet to give a code
}

var _ web.Accounts = (*Accounts)(nil)

// NewAccounts returns the accounts of the sample's people.
func NewAccounts() *Accounts { return newAccounts(newPeople(time.Now()), time.Now) }

func newAccounts(p *people, now func() time.Time) *Accounts {
	a := &Accounts{people: p, now: now, sessions: map[string]agent.Session{}, pending: map[string]string{}}
	a.begin("owner", agent.Browser{Address: "192.168.1.20", Agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"})
	a.begin("owner", agent.Browser{Address: "203.0.113.9", Agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"})
	return a
}

// begin makes a session.
func (a *Accounts) begin(name string, b agent.Browser) agent.SignedIn {
	a.mu.Lock()
	defer a.mu.Unlock()
	u, _ := a.people.get(name)
	a.count++
	now := a.now()
	s := agent.Session{ID: fmt.Sprintf("s%d", a.count), User: name, Title: u.Title, Role: u.Role, Created: now, Seen: now, Expires: now.Add(30 * 24 * time.Hour), Browser: b}
	token := "sample-" + s.ID
	a.sessions[token] = s
	return agent.SignedIn{Token: token, Session: s}
}

// Token signs somebody in for a test, with or without the proof for dangerous things.
func (a *Accounts) Token(name string, sudo bool) string {
	token := a.begin(name, agent.Browser{Address: "127.0.0.1", Agent: "test"}).Token
	if sudo {
		a.change(token, func(s *agent.Session) { s.Sudo = a.now().Add(10 * time.Minute) })
	}
	return token
}

func (a *Accounts) change(token string, set func(*agent.Session)) agent.Session {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.sessions[token]
	set(&s)
	a.sessions[token] = s
	return s
}

func errWrong() error {
	return agent.Errorf(agent.CodeUnauthorized, "the name or the password is wrong").WithHint("try again")
}

// Invited says whom an invitation is for.
func (a *Accounts) Invited(_ context.Context, key string) (agent.Invitation, error) {
	in := agent.Invitation{Expires: a.now().Add(24 * time.Hour)}
	switch key {
	case "first":
		in.First, in.Role = true, agent.RoleOwner
	case "invite":
		in.Name, in.Title, in.Role = "mary", "Mary", agent.RoleMember
	case "reset":
		in.Name, in.Title, in.Role, in.Reset = "member", "Linus", agent.RoleMember, true
	default:
		return agent.Invitation{}, agent.Errorf(agent.CodeNotFound, "this link is not good any more").WithHint("ask for a new one: each serves once, for three days")
	}
	return in, nil
}

// TakeUp makes the account.
func (a *Accounts) TakeUp(ctx context.Context, key string, n agent.NewAccount, b agent.Browser) (agent.SignedIn, error) {
	in, err := a.Invited(ctx, key)
	if err != nil {
		return agent.SignedIn{}, err
	}
	if in.First {
		in.Name = n.Name
	}
	if !userName.MatchString(in.Name) {
		return agent.SignedIn{}, agent.Errorf(agent.CodeInvalid, "%q cannot be somebody's name", clip(in.Name)).WithHint("use lower-case letters, digits and dashes, at most 32")
	}
	if s := a.Strength(n.Password, in.Name); !s.Enough {
		return agent.SignedIn{}, agent.Errorf(agent.CodeInvalid, "the password is too easy to guess").WithHint("%s", s.Advice)
	}
	a.people.change(in.Name, func(u *agent.User) {
		u.Name, u.Invited, u.Role = in.Name, false, in.Role
		if n.Title != "" {
			u.Title = n.Title
		}
	})
	return a.begin(in.Name, b), nil
}

// Strength of a password goes by its length alone.
func (a *Accounts) Strength(password string, names ...string) agent.Strength {
	s := agent.Strength{Score: min(4, len(password)/4)}
	for _, n := range names {
		if n != "" && strings.Contains(strings.ToLower(password), strings.ToLower(n)) {
			return agent.Strength{Advice: "Leave your name out of it."}
		}
	}
	if s.Enough = s.Score >= 3; !s.Enough {
		s.Advice = "Make it longer: four words that have nothing to do with each other are good."
	}
	return s
}

// SignIn begins a session, or asks for a code first.
func (a *Accounts) SignIn(_ context.Context, in agent.SignIn) (agent.SignedIn, error) {
	u, err := a.people.get(in.Name)
	if err != nil || u.Invited || in.Password != Password {
		return agent.SignedIn{}, errWrong()
	}
	if u.TOTP && in.Code != Code {
		if in.Code != "" {
			return agent.SignedIn{}, errWrong()
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.count++
		key := fmt.Sprintf("pending-%d", a.count)
		a.pending[key] = in.Name
		return agent.SignedIn{Pending: key}, nil
	}
	return a.begin(in.Name, in.Browser), nil
}

// SignInCode ends what SignIn began.
func (a *Accounts) SignInCode(_ context.Context, pending, code string, b agent.Browser) (agent.SignedIn, error) {
	a.mu.Lock()
	name, ok := a.pending[pending]
	a.mu.Unlock()
	if !ok || code != Code {
		return agent.SignedIn{}, agent.Errorf(agent.CodeUnauthorized, "the code is wrong").WithHint("take the one that your app shows now")
	}
	return a.begin(name, b), nil
}

func challenge(create bool) (agent.Challenge, error) {
	options := `{"publicKey":{"challenge":"c2FtcGxlLWNoYWxsZW5nZQ","rpId":"localhost","timeout":300000,"userVerification":"preferred"}}`
	if create {
		options = `{"publicKey":{"challenge":"c2FtcGxlLWNoYWxsZW5nZQ","rp":{"id":"localhost","name":"Ada's cloud"},"user":{"id":"b3duZXI","name":"owner","displayName":"Ada"},"pubKeyCredParams":[{"type":"public-key","alg":-7}]}}`
	}
	return agent.Challenge{ID: "sample-challenge", Options: json.RawMessage(options)}, nil
}

// whose finds the person whose passkey an answer names.
func (a *Accounts) whose(answer json.RawMessage) (string, error) {
	var in struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer, &in); err == nil {
		a.people.mu.Lock()
		defer a.people.mu.Unlock()
		for name, u := range a.people.users {
			if slices.ContainsFunc(u.Passkeys, func(p agent.Passkey) bool { return p.ID == in.ID }) {
				return name, nil
			}
		}
	}
	return "", agent.Errorf(agent.CodeUnauthorized, "this cloud does not know the passkey").WithHint("sign in with your password")
}

// PasskeyChallenge asks for a passkey of anybody.
func (a *Accounts) PasskeyChallenge(context.Context, string) (agent.Challenge, error) {
	return challenge(false)
}

// SignInPasskey signs in whose passkey it is.
func (a *Accounts) SignInPasskey(_ context.Context, _, _ string, answer json.RawMessage, b agent.Browser) (agent.SignedIn, error) {
	name, err := a.whose(answer)
	if err != nil {
		return agent.SignedIn{}, err
	}
	return a.begin(name, b), nil
}

// Session is who a token belongs to.
func (a *Accounts) Session(_ context.Context, token string) (agent.Session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.sessions[token]
	u, err := a.people.get(s.User)
	if !ok || err != nil {
		return agent.Session{}, agent.Errorf(agent.CodeUnauthorized, "nobody is signed in with this")
	}
	s.Title, s.Role = u.Title, u.Role
	return s, nil
}

// Sessions are those of one person.
func (a *Accounts) Sessions(_ context.Context, user string) ([]agent.Session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := []agent.Session{}
	for _, s := range a.sessions {
		if s.User == user {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(x, y agent.Session) int { return strings.Compare(x.ID, y.ID) })
	return out, nil
}

// EndSession signs a browser out.
func (a *Accounts) EndSession(_ context.Context, user, id string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for token, s := range a.sessions {
		if s.User == user && s.ID == id {
			delete(a.sessions, token)
			return nil
		}
	}
	return agent.Errorf(agent.CodeNotFound, "there is no such session")
}
