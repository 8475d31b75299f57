package diff

import (
	"regexp"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// What is shown in the place of a secret.
const (
	hiddenTemplate = "(a template with secrets)"
	hiddenValue    = "(hidden)"
)

// readsSecrets finds templates that read what others must not see: the app's variable,
// Vault, or a token of the task's.
var readsSecrets = regexp.MustCompile(`\b(nomadVar|nomadVarGet|nomadVarExists|nomadVarList|nomadVarListSafe|secret|secrets|pkiCert|SecretID|VAULT_TOKEN|NOMAD_TOKEN|CONSUL_HTTP_TOKEN)\b`)

// secretName finds names of values that are a secret by what they are called. They can
// stand in a job since a person typed them into an override or a setting.
var secretName = regexp.MustCompile(`(?i)(^|[_.-])(pass|passwd|password|passphrase|pwd|secret|token|credentials?|apikey|(api|private|secret|access|encryption|signing|master|app|auth)[_-]?key)([_.-]?\d*)$`)

// secretOption finds an argument that is, or says that the next one is, a secret.
var secretOption = regexp.MustCompile(`(?i)^-{0,2}[\w.-]*(passw(or)?d|passphrase|secret|token|api-?key)[\w.-]*(=|$)`)

// secretLine finds a line of a text that gives a secret its value.
var secretLine = regexp.MustCompile(`(?im)^(.*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key)[\w.-]*["']?\s*[:=])[ \t]*\S.*$`)

// password finds a password within an address: scheme://user:password@host.
var password = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s/@:"]*:[^\s/@"]+@`)

// guard hides the body of a template that reads secrets, and of one that makes
// environment variables: both may hold passwords.
func guard(p *place, t api.Template) {
	body := p.parts["data"]
	if body == nil || t.EmbeddedTmpl == nil {
		return
	}
	if readsSecrets.MatchString(*t.EmbeddedTmpl) || password.MatchString(*t.EmbeddedTmpl) {
		body.secret = hiddenTemplate
	}
}

// secretIn is what to show instead of a value; "" to show it.
func secretIn(name, value string) string {
	if value == "" || strings.HasPrefix(value, "${") && strings.Index(value, "}") == len(value)-1 {
		return "" // nothing, or a reference to what the machine knows
	}
	if secretName.MatchString(name) || password.MatchString(value) {
		return hiddenValue
	}
	return ""
}

// secretArgument is secretIn for an element of a list, such as a program's arguments.
func secretArgument(value string) string {
	if secretOption.MatchString(value) || password.MatchString(value) {
		return hiddenValue
	}
	return ""
}

// hidden is what to show instead of a block in one line, "" where nothing in it is
// secret.
func (p *place) hidden() string {
	if p.secret != "" {
		return p.secret
	}
	for _, key := range p.order {
		if h := p.parts[key].hidden(); h != "" {
			return h
		}
	}
	for _, e := range p.list {
		if h := e.hidden(); h != "" {
			return h
		}
	}
	return ""
}
