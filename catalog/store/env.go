package store

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// maxVariables is what catalog takes.
const maxVariables = 500

// readEnv reads env_file and environment, which goes before it.
func (im *importer) readEnv(s *service) {
	var pairs []pair
	for _, f := range s.v.get("env_file").list() {
		pairs = append(pairs, im.envFile(s, f)...)
	}
	if n := s.v.get("env_file"); n != nil && n.kind == list {
		for _, item := range n.items {
			if item.kind == mapping {
				pairs = append(pairs, im.envFile(s, item)...)
			}
		}
	}
	pairs = append(pairs, s.v.get("environment").pairs()...)
	for _, p := range pairs {
		im.readVariable(s, p)
	}
	if len(s.env) > maxVariables {
		im.refuse(refusal("", "the service %s has %d environment variables; %d are imported", s.name, len(s.env), maxVariables))
	}
}

func (im *importer) readVariable(s *service, p pair) {
	name := strings.TrimSpace(p.key)
	if im.format == Coolify && im.declaresDoor(s, name, p) {
		return
	}
	if !variableName.MatchString(name) || len(name) > 255 {
		im.note(Dropped, s.name, "variable "+short(name), "a variable's name is letters, digits and underscores")
		return
	}
	if p.odd {
		im.note(Dropped, s.name, "variable "+short(name), "its value is a list or a map, and has to be a text")
		return
	}
	upper := strings.ToUpper(name)
	e := variableOf{name: name}
	switch {
	case upper == "TZ" || upper == "GENERIC_TIMEZONE":
		e.value = timezone
		if v := im.constant(p.value); !p.bare && v != "" && v != "Etc/UTC" && v != "UTC" && !strings.Contains(p.value, "$") {
			im.note(Changed, s.name, "variable "+name, "it is your cloud's time zone instead of "+short(v))
		}
	case p.bare:
		e.value = im.lookup(variable{name: name})
		e.optional = len(e.value) == 1 && strings.HasPrefix(e.value[0].ref, "setting.") && !e.value[0].hidden && e.value[0].plain == ""
	default:
		e.value = im.literalValue(s, upper, p.value)
	}
	i := slices.IndexFunc(s.env, func(o variableOf) bool { return o.name == name })
	if i >= 0 {
		s.env[i] = e // what comes later wins
		return
	}
	s.env = append(s.env, e)
}

// literalValue is a value with its variables, and the app's own address where the
// manifest could only guess it.
func (im *importer) literalValue(s *service, name, raw string) text {
	if !strings.Contains(raw, "$") && raw != "" {
		if t := im.ownAddress(name, raw); t != nil {
			im.note(Changed, s.name, "variable "+name, "it is the app's own address instead of "+short(raw))
			return t
		}
	}
	return encodeInAddresses(im.value(strings.ReplaceAll(raw, "\x00", "")))
}

// hideLiterals makes secrets of the ones that are written out.
func (im *importer) hideLiterals(s *service) {
	for i := range s.env {
		e := &s.env[i]
		if whole := e.value.plain(); e.value.isLiteral() && catalog.LooksSecret(e.name, whole) && !strings.Contains(whole, "://") {
			e.value = im.madeOf(s, e.name, whole)
			continue
		}
		if !e.value.isLiteral() && !e.value.hasHidden() && catalog.LooksSecret(e.name, e.value.plain()) {
			// Part of it is written out, the rest has a default.
			e.value = im.madeOf(s, e.name, e.value.plain())
			continue
		}
		e.value = im.hide(s.name, "variable "+e.name, e.value, inAddress, e.name+"_password", true)
		e.value = im.hide(s.name, "variable "+e.name, e.value, inWords, e.name+"_password", false)
		e.value = im.hideNamed(s.name, "variable "+e.name, e.value, inLine)
	}
	for i := range s.files {
		f := &s.files[i]
		where := "the file " + f.path
		f.content = im.hide(s.name, where, f.content, inAddress, path.Base(f.path)+"_password", true)
		f.content = im.hide(s.name, where, f.content, inWords, path.Base(f.path)+"_password", false)
		f.content = im.hideNamed(s.name, where, f.content, inLine)
	}
	for _, part := range []*[]text{&s.entrypoint, &s.command} {
		im.hideInArguments(s, *part)
	}
	if s.health != nil {
		im.hideInArguments(s, s.health.command)
	}
}

// madeOf is the secret in place of a variable's value.
func (im *importer) madeOf(s *service, name, value string) text {
	if strings.HasPrefix(value, "-----BEGIN") || strings.HasPrefix(value, "eyJ") {
		im.note(Risky, s.name, "variable "+name, "it held a key of a form that nobody can make up at random: give it at the install")
		return im.ask(variable{name: s.name + "_" + name, required: true}, "password")
	}
	known := im.secrets["value "+value]
	if known == nil && isForeign(strings.ToUpper(name)) && isPlaceholder(value) {
		im.note(Changed, s.name, "variable "+name, "it held an example: give yours at the install, if you want what it is for")
		return im.ask(variable{name: name}, "password")
	}
	im.note(Changed, s.name, "variable "+name, "everybody who has the manifest knows its value: it is a secret that is made at the install")
	return im.secretFor(name, value).use()
}

// hideInArguments takes passwords out of a command: those that follow a flag, and
// those that are secrets elsewhere.
func (im *importer) hideInArguments(s *service, args []text) {
	for i := range args {
		args[i] = im.hide(s.name, "the arguments", args[i], inAddress, s.name+"_password", true)
		args[i] = im.hideNamed(s.name, "the arguments", args[i], inFlag)
		if i > 0 && args[i].isLiteral() {
			flag, v := args[i-1].plain(), args[i].plain()
			if flag == "-a" && i > 1 && strings.HasSuffix(args[i-2].plain(), "-cli") || strings.HasPrefix(flag, "-") && flag != "-a" {
				flag = strings.TrimLeft(strings.Replace(flag, "-a", "password", 1), "-")
			} else {
				flag = ""
			}
			if catalog.LooksSecret(flag, v) && !strings.HasPrefix(v, "-") && !strings.ContainsAny(v, "$` ") {
				im.note(Changed, s.name, "the password in the arguments", "everybody who has the manifest knows it: it is a secret that is made at the install")
				args[i] = im.secretFor(s.name+"_password", v).use()
			}
		}
		args[i] = args[i].each(im.knownSecrets)
	}
}

// knownSecrets replaces, after -p, -a and the like, what is a secret elsewhere.
func (im *importer) knownSecrets(s string) text {
	for _, key := range slices.Sorted(maps.Keys(im.secrets)) {
		sec := im.secrets[key]
		value, ok := strings.CutPrefix(key, "value ")
		if !ok || len(value) < 4 {
			continue
		}
		for _, flag := range []string{"-p", "-p ", "-a ", "--password=", "--password ", "-p\"", "-p'", "-u root -p"} {
			if before, after, found := strings.Cut(s, flag+value); found && (after == "" || strings.ContainsAny(after[:1], " \"'&|;)")) {
				return join(literal(before+flag), sec.use(), im.knownSecrets(after))
			}
		}
	}
	return literal(s)
}

// envFile reads a file of NAME=value lines, if it came along.
func (im *importer) envFile(s *service, f *node) []pair {
	name, optional := f.text(), false
	if f.kind == mapping {
		v := viewOf(f)
		name = v.text("path")
		optional = v.get("required") != nil && !v.flag("required")
	}
	if f.kind == mapping && name == "" {
		return nil
	}
	file, ok := im.beside(path.Clean(im.constant(name)))
	if !ok {
		if !optional {
			im.note(Risky, s.name, "env_file "+short(name), "the file did not come along: what it sets has to be written into env")
		}
		return nil
	}
	return parseEnvFile(string(file.Bytes))
}

// parseEnvFile reads NAME=value lines as Compose does
// (https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax).
func parseEnvFile(content string) []pair {
	var out []pair
	for i, line := range strings.Split(clean(content), "\n") {
		line = strings.TrimSpace(line)
		line = strings.TrimSpace(strings.TrimPrefix(line, "export "))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !variableName.MatchString(strings.TrimSpace(key)) || len(out) >= maxVariables {
			continue
		}
		value = strings.TrimSpace(value)
		switch n := len(value); {
		case n >= 2 && value[0] == '\'' && value[n-1] == '\'':
			value = strings.ReplaceAll(value[1:n-1], "$", "$$")
		case n >= 2 && value[0] == '"' && value[n-1] == '"':
			value = value[1 : n-1]
		default:
			value, _, _ = strings.Cut(value, " #")
			value = strings.TrimSpace(value)
		}
		out = append(out, pair{key: strings.TrimSpace(key), value: value, bare: !ok, line: i + 1})
	}
	return out
}
