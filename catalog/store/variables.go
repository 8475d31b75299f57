package store

import (
	"regexp"
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

// Limits of what a person is asked. The catalog allows 256 settings and secrets.
const maxAsked = 200

// lookup is what a variable of the manifest stands for in the entry.
func (im *importer) lookup(v variable) text {
	if known, ok := im.vars[v.name]; ok {
		if known.set && known.text.plain() == "" && known.text.isLiteral() && v.hasElse {
			return literal(v.fallback)
		}
		return im.mark(known.text)
	}
	if t, ok := im.formatVariable(v); ok {
		return t
	}
	upper := strings.ToUpper(v.name)
	switch upper {
	case "TZ", "TIMEZONE", "TIME_ZONE", "GENERIC_TIMEZONE":
		return timezone
	case "PUID", "PGID", "UID", "GID", "USER_ID", "GROUP_ID", "USERID", "GROUPID":
		return literal("1000")
	}
	if t := im.ownAddress(upper, v.fallback); t != nil {
		im.note(Changed, "", "variable "+v.name, "it is the app's own address")
		return t
	}
	if catalog.AsksForSecret(v.name) && (v.fallback == "" || catalog.LooksSecret(v.name, v.fallback)) {
		return im.secretVariable(v)
	}
	return im.settingVariable(v)
}

// The expressions that stand for what the cloud knows.
var (
	timezone = text{{ref: "pool.timezone", plain: "Etc/UTC"}}
	appURL   = text{{ref: "app.url"}}
	appHost  = text{{ref: "app.host"}}
)

var (
	// urlName and hostName are variables that ask where the app itself is reached.
	urlName  = regexp.MustCompile(`^([A-Z0-9]+_)*(APP|SITE|BASE|PUBLIC|EXTERNAL|ROOT|FRONTEND|NEXTAUTH|WEB|CANONICAL|SERVER|WEBSITE)_?(URL|URI|ORIGIN|ADDRESS)$|^(URL|ORIGIN|DOMAIN_URL|PUBLIC_BACKEND_URL)$`)
	hostName = regexp.MustCompile(`^(([A-Z0-9]+_)?(DOMAIN|DOMAIN_NAME|FQDN|VIRTUAL_HOST|SERVER_NAME|PUBLIC_HOST|APP_HOSTNAME|HOST_NAME|SITE_HOST))$`)
	// elsewhere are texts that stand where the writer could not know the address.
	elsewhere = regexp.MustCompile(`^(https?://)?(localhost|127\.0\.0\.1|0\.0\.0\.0|[a-z0-9.-]*example\.(com|org|net)|([a-z-]+\.)?(your|my)-?(domain|site|server|host)[a-z.-]*|[a-z0-9.-]*domain\.(com|tld)|\[?(your|server|host)[-_ ]?(ip|host)[a-z-]*\]?|192\.168\.\d+\.\d+)(:\d+)?(/[^@]*)?$`)
)

// ownAddress is the app's URL or host, where a name and what stands there ask for it.
func (im *importer) ownAddress(name, value string) text {
	value = strings.TrimSpace(strings.ToLower(value))
	if strings.Contains(name, "SMTP") || strings.Contains(name, "MAIL") || strings.Contains(name, "DB_") || strings.Contains(name, "API_BASE") {
		return nil
	}
	switch {
	case value != "" && !elsewhere.MatchString(value):
		return nil
	case urlName.MatchString(name):
		if i := strings.Index(strings.TrimPrefix(strings.TrimPrefix(value, "http://"), "https://"), "/"); value != "" && i >= 0 {
			path := strings.TrimPrefix(strings.TrimPrefix(value, "http://"), "https://")[i:]
			return join(appURL, literal(path))
		}
		return appURL
	case hostName.MatchString(name):
		if strings.HasPrefix(value, "http") {
			return appURL
		}
		return appHost
	}
	return nil
}

// secretVariable is a variable that holds a secret: one that is made, or, where it
// comes from elsewhere, one that the person gives.
func (im *importer) secretVariable(v variable) text {
	if key := "var " + v.name; im.secrets[key] != nil {
		return im.secrets[key].use()
	}
	if s := im.settings[v.name]; s != nil {
		s.required = s.required || v.required
		return s.use()
	}
	if v.fallback != "" && fromElsewhere.MatchString(strings.ToUpper(v.name)) && im.secrets["value "+v.fallback] == nil {
		im.note(Changed, "", "variable "+v.name, "its default is the same for everybody: give yours at the install, if you want what it is for")
		v.fallback = ""
		return im.ask(v, "password")
	}
	if !isPlaceholder(v.fallback) || v.fallback == "" && isMade(strings.ToUpper(v.name)) ||
		v.required && !isForeign(strings.ToUpper(v.name)) {
		var s *secret
		if v.fallback != "" {
			s = im.secretFor(v.name, v.fallback)
			im.secrets["var "+v.name] = s
			im.note(Changed, "", "variable "+v.name, "the value that everybody has is a secret that is made at the install")
		} else {
			s = im.secretLike("var "+v.name, settingName(v.name), "")
			im.note(Changed, "", "variable "+v.name, "nobody needs to think one up: it is made at the install")
		}
		return s.use()
	}
	return im.ask(v, "password")
}

// settingVariable is a variable that the person may set.
func (im *importer) settingVariable(v variable) text {
	s := im.settings[v.name]
	if s == nil && im.namesService(v.fallback) {
		return literal(v.fallback) // where another service of the app is: no choice
	}
	if s == nil {
		return im.ask(v, kindOf(v.fallback))
	}
	if v.hasElse && !s.hasDefault && !s.required && s.kind == "string" {
		// It was named without a default first: what that place made of it was the
		// empty text, and the default is what was meant.
		s.fallback, s.hasDefault = v.fallback, v.fallback != ""
	}
	if v.hasElse && s.hasDefault && v.fallback != s.fallback {
		im.note(Changed, "", "variable "+v.name, "it has more than one default: the first, "+short(s.fallback)+", is everywhere")
	}
	return s.use()
}

func (im *importer) ask(v variable, kind string) text {
	if len(im.app.settings)+len(im.app.secrets) >= maxAsked {
		im.note(Changed, "", "variable "+v.name, "there are too many to ask for: it is what its default says")
		return literal(v.fallback)
	}
	s := &setting{name: im.valueName(settingName(v.name)), title: titleOf(v.name), kind: kind, required: v.required && kind != "bool"}
	if kind != "password" && !s.required && v.fallback != "" {
		s.fallback, s.hasDefault = clean(v.fallback), true
	}
	if !s.hasDefault && !s.required && kind != "password" {
		s.kind = "string"
	}
	if v.message != "" {
		s.help = oneLine(v.message, 300)
	}
	s.advanced = !s.required
	im.settings[v.name] = s
	im.app.settings = append(im.app.settings, s)
	return s.use()
}

// valueName is a name that no other setting or secret has.
func (im *importer) valueName(name string) string {
	name = distinct(name, '_', im.values)
	im.values[name] = true
	return name
}

var (
	wholeNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)
	acronyms    = map[string]string{"smtp": "SMTP", "url": "URL", "api": "API", "db": "database", "s3": "S3", "oidc": "OIDC", "id": "ID", "ip": "IP", "ssl": "SSL", "tls": "TLS", "ldap": "LDAP", "aws": "AWS", "jwt": "JWT", "html": "HTML", "http": "HTTP", "https": "HTTPS"}
)

func kindOf(fallback string) string {
	switch {
	case fallback == "true" || fallback == "false":
		return "bool"
	case wholeNumber.MatchString(fallback):
		return "number"
	}
	return "string"
}

// titleOf makes words of a variable's name: SMTP_FROM_NAME is "SMTP from name".
func titleOf(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '-' || r == '.' })
	for i, w := range words {
		if a, ok := acronyms[w]; ok {
			words[i] = a
		}
	}
	title := strings.Join(words, " ")
	if title == "" {
		return "Value"
	}
	return oneLine(strings.ToUpper(title[:1])+title[1:], 100)
}

func (s *setting) use() text {
	s.used = true
	return text{{ref: "setting." + s.name, hidden: s.kind == "password", plain: s.fallback}}
}

func (s *secret) use() text {
	s.used = true
	return join(literal(s.before), text{{ref: "secret." + s.name, hidden: true}}, literal(s.behind))
}
