package agent

import (
	"encoding/json"
	"time"
)

// User is somebody who may sign in.
type User struct {
	Name     string    `json:"name"`  // what they sign in with: [a-z][a-z0-9-]*, at most 32 characters
	Title    string    `json:"title"` // as they are called; the name where nothing is said
	Email    string    `json:"email,omitempty"`
	Role     string    `json:"role"`
	Invited  bool      `json:"invited"` // has not taken the invitation up yet, and cannot sign in
	Created  time.Time `json:"created"`
	Seen     time.Time `json:"seen,omitzero"` // when they last did something
	TOTP     bool      `json:"totp"`
	Codes    int       `json:"recovery_codes"` // recovery codes that are left
	Passkeys []Passkey `json:"passkeys"`
}

// Passkey is one that a person signs in with.
type Passkey struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"` // "Ada's phone"
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"`
}

// InviteRequest asks for a link with which somebody makes an account, or, for a name
// that there is, chooses a new password.
type InviteRequest struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"`
	Email string `json:"email,omitempty"`
	Role  string `json:"role,omitempty"` // member unless said; that of an account stays
}

// Invitation is a link that serves once. The key in it is not kept anywhere.
type Invitation struct {
	Name    string    `json:"name"` // "" on the first run, where the owner chooses one
	Title   string    `json:"title,omitempty"`
	Role    string    `json:"role"`
	First   bool      `json:"first,omitempty"` // makes the first owner: nobody has an account yet
	Reset   bool      `json:"reset,omitempty"` // for an account that there is
	Link    string    `json:"link,omitempty"`  // only where it is made
	Expires time.Time `json:"expires"`
}

// NewAccount takes an invitation up.
type NewAccount struct {
	Name     string // on the first run; the invitation's otherwise
	Title    string
	Password string
}

// UserChange changes what is not nil.
type UserChange struct {
	Title *string `json:"title,omitempty"`
	Email *string `json:"email,omitempty"`
	Role  *string `json:"role,omitempty"`
}

// Browser is where somebody signs in from, as their list of sessions shows it.
type Browser struct {
	Address string `json:"address"` // IP
	Agent   string `json:"agent"`   // the User-Agent header, cut at 200 characters
}

// SignIn is what somebody signs in with.
type SignIn struct {
	Name     string  `json:"name"`
	Password string  `json:"password"`
	Code     string  `json:"code,omitempty"` // of TOTP, or a recovery code, where one is needed
	Browser  Browser `json:"-"`
}

// SignedIn is a session that was begun, or, with Pending, one that needs a code first.
type SignedIn struct {
	Token   string  `json:"token,omitempty"`   // the session's; not kept anywhere but where it is used
	Pending string  `json:"pending,omitempty"` // for SignInCode, five minutes long
	Session Session `json:"session,omitzero"`
}

// Session is somebody who is signed in somewhere.
type Session struct {
	ID      string    `json:"id"`
	User    string    `json:"user"`
	Title   string    `json:"title"`
	Role    string    `json:"role"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"` // to about a minute
	Expires time.Time `json:"expires"`
	Sudo    time.Time `json:"sudo,omitzero"` // until when dangerous actions need no new proof
	Browser Browser   `json:"browser"`
}

// Proof shows once more who somebody is, before something dangerous.
type Proof struct {
	Password string
	Code     string // where the account has TOTP and the password is not given
}

// Challenge is what a browser is asked to sign with a passkey.
type Challenge struct {
	ID      string          `json:"id"`      // to be given back with the answer, five minutes long
	Options json.RawMessage `json:"options"` // for navigator.credentials, as WebAuthn's JSON has it
}

// TOTP is a secret for an authenticator app, before it was confirmed with a code.
type TOTP struct {
	Secret string // base32, to type
	URL    string // otpauth://, as a QR code shows it
}

// Strength tells how hard a password is to guess.
type Strength struct {
	Score  int    `json:"score"`  // 0 to 4
	Enough bool   `json:"enough"` // it will be taken
	Advice string `json:"advice"` // one sentence: why not, or what would make it better; "" for the best
}

// Actor is who did something in this session, as records show it.
func (s Session) Actor() string { return s.User }
