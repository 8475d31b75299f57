package catalog

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// What a name says of the value that it has. A name is read as words: DB_PASSWORD,
// dbPassword and db-password are all db and password.

// secretWords ask for a secret by themselves; secretEnds also at the end of a longer
// word, as in dbpassword.
var (
	secretWords = []string{"pass", "pwd", "salt", "pepper", "secret", "token", "credential", "credentials", "htpasswd", "requirepass", "masterauth"}
	secretEnds  = []string{"password", "passwd", "passphrase", "apikey", "secretkey", "privatekey", "authkey", "accesskey", "appkey", "encryptionkey", "userpass", "adminpass", "dbpass", "rootpass", "smtppass", "authtoken", "accesstoken"}
)

// keyWords make a "key" one that must not be known: of the others there are too many
// kinds (primary, sort, public, of a keyboard).
var keyWords = []string{
	"api", "app", "application", "secret", "private", "encryption", "encrypt", "crypt", "crypto", "cipher", "aes", "master", "signing",
	"sign", "signature", "jwt", "session", "sessions", "cookie", "cookies", "access", "auth", "admin", "hmac", "server", "shared", "security",
	"secure", "nonce", "otp", "totp", "vapid", "license", "rpc", "internal", "storage", "s3", "webhook", "fernet", "hash", "logged", "deploy",
}

// aboutWords, after the word for the secret, ask something about it and not for it:
// PASSWORD_MIN_LENGTH, JWT_TOKEN_EXPIRY, POSTGRES_PASSWORD_FILE.
var aboutWords = words(`file files filename path paths dir directory folder url urls uri endpoint host port service
	name names id ids length len size min max minimum maximum ttl expiry expire expires expiration exp timeout lifetime lifespan
	duration age days hours minutes seconds interval validity valid enabled enable disabled disable required require optional
	allowed allow algorithm algo alg type kind format header headers field fields column columns attribute attributes attr claim
	claims param parameter policy reset user username prefix suffix rounds cost count limit limits issuer audience scope scopes
	store backend driver provider method methods mode hint scheme encoding encryption strength complexity auth authentication
	login logins signin signup grant change check cookie env var variable template regex pattern manager mount source label title
	text placeholder bits version iterations rotation refresh protected protection plugin class helper location command cmd
	realm digits uppercase lowercase special symbols confirmation visible hidden usage per`)

// aboutFirst, before it, do the same: PUBLIC_KEY, MAX_TOKEN, ALLOW_EMPTY_PASSWORD.
var aboutFirst = words(`public max min allow enable disable require use force random skip show hide generate has is no forgot forgotten lost reset must change site foreign primary`)

func words(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// nameWords splits a name at signs, and where a small letter meets a capital one.
func nameWords(name string) []string {
	var b strings.Builder
	small := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = ' '
		case unicode.IsUpper(r) && small:
			b.WriteByte(' ')
		}
		small = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(b.String())
}

// asksForSecret is the kind of secret that a name asks for ("password", "key"), "" for none.
func asksForSecret(name string) string {
	list := nameWords(name)
	for at, w := range list {
		w = strings.TrimRight(w, "0123456789")
		kind := ""
		switch {
		case w == "pass" || w == "pwd" || w == "requirepass" || strings.HasSuffix(w, "password") || strings.HasSuffix(w, "passwd") || strings.HasSuffix(w, "passphrase"):
			kind = "password"
		case w == "key" || w == "keys":
			// api_key, but not api_sort_key: what the key is for stands right before
			// it, or it is SECRET_KEY_BASE's.
			if at > 0 && slices.Contains(keyWords, list[at-1]) || at > 1 && list[at-1] == "in" && list[at-2] == "logged" {
				kind = "key"
			}
		case slices.Contains(secretWords, w) || slices.ContainsFunc(secretEnds, func(end string) bool { return strings.HasSuffix(w, end) }):
			kind = "secret"
			if strings.HasSuffix(w, "token") || strings.HasSuffix(w, "key") {
				kind = "key"
			}
		}
		if kind == "" {
			continue
		}
		before, after := list[:at], list[at+1:]
		if at > 0 && list[at-1] == "secret" {
			before = before[:at-1]
		}
		if slices.ContainsFunc(after, func(w string) bool { return aboutWords[w] }) || slices.ContainsFunc(before, func(w string) bool { return aboutFirst[w] }) {
			return ""
		}
		return kind
	}
	return ""
}

var (
	// switchText is what a switch, a number of something or a kind looks like.
	switchText = regexp.MustCompile(`(?i)^(true|false|yes|no|y|n|on|off|none|null|nil|undefined|enabled?|disabled?|auto|default|optional|required|lax|strict|bearer|basic|file|env|header|generate[d]?|` +
		`[0-9]{1,3}|[0-9]+ ?(ms|s|m|h|d|w|min|minutes?|hours?|days?)|scram-sha-256|md5|bcrypt|argon2(id?)?|sha(256|512)|hs(256|512)|rs256)$`)
	// pathText is a place where a secret may be, not one.
	pathText = regexp.MustCompile(`^(\.{0,2}|~|[A-Za-z]:)(/[A-Za-z0-9._@-]+)+/?$`)
	// elsewhere is what is filled in by somebody else: $NAME, {{ … }}, %(env)s, env("X"), os.environ/X.
	elsewhere = regexp.MustCompile(`^(os\.environ[/.\[]|process\.env[.\[]|ENV\[|env[:.]|\$[{(A-Za-z_]|\{\{|\{%|%\(|%[A-Z_]+%|<%|<[A-Za-z_. -]+>$|!(secret|env|ENV|include)\b|[A-Za-z_][A-Za-z0-9_.:]*\()`)
	// noKey is what stands for a key where a program insists on one that nobody checks.
	noKey  = regexp.MustCompile(`(?i)^(user[-_]provided|dummy|empty|unused|not[-_ ]?(needed|required|used|set)|sk-no-key-required|ollama)$`)
	number = regexp.MustCompile(`^[0-9.]+$`)
	// amount is a number of something: what a token costs.
	amount = regexp.MustCompile(`^[0-9]+\.[0-9]+$`)
)

// looksSecret tells whether a text that stands under such a name is one that nobody
// but its owner may know.
func looksSecret(kind, value string) bool {
	value = strings.TrimSpace(value)
	switch {
	case !strings.ContainsFunc(value, isAlphanumeric) || strings.Contains(value, unknownText):
		return false
	case switchText.MatchString(value) || elsewhere.MatchString(value):
		return kind == "password" && number.MatchString(value) && len(value) > 3
	case pathText.MatchString(value) && len(value) < 80, kind == "key" && noKey.MatchString(value):
		return false
	case plainAddress.MatchString(value):
		return false
	case kind != "password" && amount.MatchString(value):
		return false
	case number.MatchString(value):
		return kind == "password" && len(value) > 3 || len(value) > 9
	}
	return true
}

func isAlphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

var (
	plainAddress = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*://[^\s@]*$`)
	// inAddress is a password in an address: scheme://user:PASSWORD@host.
	inAddress = regexp.MustCompile(`[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@"']*:([^\s/@"']+)@`)
)

// inConnection is one in the text of a database connection: Server=db;Password=x.
var inConnection = regexp.MustCompile(`(?i);\s*(?:password|pwd)\s*=\s*([^;\s"']+)`)

// addressPassword is the password that is written out in an address, "" if none is.
func addressPassword(text string) string {
	var all [][]string
	if strings.Contains(text, "://") {
		all = inAddress.FindAllStringSubmatch(text, 8)
	}
	if strings.Contains(text, ";") {
		all = append(all, inConnection.FindAllStringSubmatch(text, 8)...)
	}
	for _, m := range all {
		if p := m[1]; !strings.Contains(p, unknownText) && !elsewhere.MatchString(p) && !strings.HasPrefix(p, "${") {
			return p
		}
	}
	return ""
}
