package catalog

import (
	"regexp"
	"slices"
	"strings"
)

// flags with a value: --requirepass x, --admin-password=x, and those of one letter that
// databases' clients have.
var (
	flagText  = regexp.MustCompile(`^--?([A-Za-z][A-Za-z0-9_.-]*)(?:=(.*))?$`)
	shortFlag = map[string]*regexp.Regexp{
		"mysql": regexp.MustCompile(`^-p(.+)$`), "mysqladmin": regexp.MustCompile(`^-p(.+)$`), "mysqldump": regexp.MustCompile(`^-p(.+)$`),
		"mariadb": regexp.MustCompile(`^-p(.+)$`), "mariadb-admin": regexp.MustCompile(`^-p(.+)$`), "mariadb-dump": regexp.MustCompile(`^-p(.+)$`),
	}
)

func (h *hardcoded) commands(s *Service, scopes []Scope) {
	where := h.app.at["service."+s.Name]
	at := Problem{Line: where.line, Column: where.column}
	var args []string
	for _, e := range s.Command {
		if h.full {
			return
		}
		if text, err := e.Eval(scopes[0]); err == nil && h.room(flat(text)) {
			args = append(args, flat(text))
		}
	}
	lists := [][]string{slices.Concat(s.Entrypoint, args)}
	if s.Health != nil {
		lists = append(lists, s.Health.Command)
	}
	if s.Backup != nil {
		lists = append(lists, s.Backup.Command)
	}
	for _, list := range lists {
		h.arguments(at, s, list)
		for _, arg := range list {
			if words := strings.Fields(arg); len(words) > 1 { // sh -c "…"
				h.arguments(at, s, words)
			}
		}
	}
}

func (h *hardcoded) arguments(at Problem, s *Service, args []string) {
	program := ""
	for i, arg := range args {
		arg = strings.Trim(arg, `"'`)
		if name := arg[strings.LastIndexByte(arg, '/')+1:]; shortFlag[name] != nil || name == "redis-cli" {
			program = name
		}
		name, value := "", ""
		if m := flagText.FindStringSubmatch(arg); m != nil {
			name, value = m[1], m[2]
			if value == "" && !strings.Contains(arg, "=") && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
				value = args[i+1]
			}
			if program == "redis-cli" && name == "a" {
				name = "password"
			}
		}
		if short := shortFlag[program]; short != nil {
			if m := short.FindStringSubmatch(arg); m != nil {
				name, value = "password", m[1]
			}
		}
		kind := asksForSecret(name)
		switch value = strings.Trim(value, `"'`); {
		case kind != "" && looksSecret(kind, value) && len(strings.Fields(value)) == 1:
			h.tell(at, "service %s has a %s among its arguments that is the same for everybody: make it a secret block, and give it by env", quoted(s.Name), kind)
		case addressPassword(arg) != "":
			h.tell(at, "service %s has an address with a password among its arguments that is the same for everybody: make it a secret block", quoted(s.Name))
		}
	}
}
