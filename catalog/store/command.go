package store

import (
	"regexp"
	"strings"
)

// readCommand reads entrypoint and command: lists, or texts that Compose splits
// as a shell would.
func (im *importer) readCommand(s *service) {
	s.entrypoint = im.words(s, "entrypoint")
	s.command = im.words(s, "command")
	for _, t := range s.entrypoint[min(1, len(s.entrypoint)):] {
		if !t.isLiteral() {
			// An entry's entrypoint is written out; its command takes expressions.
			s.command = append(append([]text{}, s.entrypoint[1:]...), s.command...)
			s.entrypoint = s.entrypoint[:1]
			break
		}
	}
	if len(s.entrypoint) > 0 && !s.entrypoint[0].isLiteral() {
		s.entrypoint[0] = literal(s.entrypoint[0].plain())
	}
}

func (im *importer) words(s *service, key string) []text {
	n := s.v.get(key)
	if n == nil {
		return nil
	}
	if n.kind == scalar {
		words, ok := shellSplit(n.text())
		if !ok {
			im.note(Risky, s.name, key, "it has a quote that is not closed, and is one word now")
			words = []string{n.text()}
		}
		var out []text
		for _, w := range words {
			out = append(out, im.argument(w))
		}
		return out
	}
	var out []text
	for _, item := range n.list() {
		out = append(out, im.argument(item.text()))
	}
	return out
}

// argument is a word of a command.
func (im *importer) argument(s string) text { return im.value(s) }

// shellSplit splits a command into words as a POSIX shell does, without expanding
// anything: blanks part words, quotes and backslashes keep them together. It
// fails where a quote is not closed.
func shellSplit(s string) ([]string, bool) {
	var words []string
	var b strings.Builder
	started := false
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote == '\'':
			if c == '\'' {
				quote = 0
			} else {
				b.WriteByte(c)
			}
		case quote == '"':
			switch {
			case c == '"':
				quote = 0
			case c == '\\' && i+1 < len(s) && strings.IndexByte("\"\\$`\n", s[i+1]) >= 0:
				i++
				if s[i] != '\n' {
					b.WriteByte(s[i])
				}
			default:
				b.WriteByte(c)
			}
		case c == '\'' || c == '"':
			quote, started = c, true
		case c == '\\' && i+1 < len(s):
			i++
			if s[i] != '\n' {
				b.WriteByte(s[i])
				started = true
			}
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if started {
				words = append(words, b.String())
				b.Reset()
				started = false
			}
		default:
			b.WriteByte(c)
			started = true
		}
	}
	if started {
		words = append(words, b.String())
	}
	return words, quote == 0
}

// secretsOutOfArguments keeps secrets out of commands, which every process of the
// machine can read, and everything but written-out text out of health checks:
// they go into the environment, and a shell in the container reads them there.
func (im *importer) secretsOutOfArguments(s *service) {
	if anyOf(s.command, text.hasHidden) || anyOf(s.entrypoint, text.hasHidden) {
		words := append(append([]text{}, s.entrypoint...), s.command...)
		shell := im.shellOf(s, words)
		if len(s.entrypoint) > 0 {
			s.entrypoint, s.command = shell, nil
		} else {
			s.command = shell
			if !isShell(words) {
				im.note(Changed, s.name, "the command", "it held a secret, which every program of the machine could read: a shell in the container takes it from the environment")
			}
		}
	}
	if s.health != nil && anyOf(s.health.command, func(t text) bool { return !t.isLiteral() }) {
		s.health.command = im.shellOf(s, s.health.command)
	}
}

func anyOf(list []text, is func(text) bool) bool {
	for _, t := range list {
		if is(t) {
			return true
		}
	}
	return false
}

func isShell(words []text) bool {
	return len(words) == 3 && shellName.MatchString(words[0].plain()) && shellFlag.MatchString(words[1].plain())
}

var (
	shellName  = regexp.MustCompile(`^(/bin/|/usr/bin/)?(sh|bash|ash|dash)$`)
	shellFlag  = regexp.MustCompile(`^-[a-z]*c$`)
	safeInWord = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,-]+$`)
)

// shellOf is a command whose expressions have become variables of the environment.
func (im *importer) shellOf(s *service, words []text) []text {
	if isShell(words) {
		script := words[2]
		var b strings.Builder
		single := false // within '…', where a shell reads no variables
		for _, p := range script {
			if p.ref == "" {
				b.WriteString(p.lit)
				if strings.Count(strings.ReplaceAll(p.lit, `\'`, ""), "'")%2 == 1 {
					single = !single
				}
				continue
			}
			name := im.inEnvironment(s, p)
			if single {
				b.WriteString(`'"$` + name + `"'`)
			} else {
				b.WriteString("${" + name + "}")
			}
		}
		return []text{words[0], words[1], literal(b.String())}
	}
	var script []string
	for _, w := range words {
		var b strings.Builder
		for _, p := range w {
			switch {
			case p.ref != "":
				b.WriteString(`"$` + im.inEnvironment(s, p) + `"`)
			case safeInWord.MatchString(p.lit):
				b.WriteString(p.lit)
			default:
				b.WriteString("'" + strings.ReplaceAll(p.lit, "'", `'\''`) + "'")
			}
		}
		if len(w) == 0 {
			b.WriteString("''")
		}
		script = append(script, b.String())
	}
	return []text{literal("sh"), literal("-c"), literal("exec " + strings.Join(script, " "))}
}

// inEnvironment is the name of a variable of the service that holds exactly this
// expression; one is made where there is none.
func (im *importer) inEnvironment(s *service, p piece) string {
	for _, e := range s.env {
		if len(e.value) == 1 && e.value[0].ref == p.ref && !e.optional {
			return e.name
		}
	}
	taken := map[string]bool{}
	for _, e := range s.env {
		taken[strings.ToLower(e.name)] = true
	}
	_, last, _ := strings.Cut(strings.NewReplacer("urlencode(", "", ")", "").Replace(p.ref), ".")
	name := strings.ToUpper(distinct(settingName("arg_"+last), '_', taken))
	s.env = append(s.env, variableOf{name: name, value: text{p}})
	return name
}
