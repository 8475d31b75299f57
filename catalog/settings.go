package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"net/mail"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // so that the names of time zones are known on a machine without tzdata
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
)

const (
	maxSetting  = 64 << 10 // bytes of one setting's value
	maxPassword = 4 << 10  // of a password: all secrets of an app share a variable of 64 KiB
)

// plainNumber is how a number may be given. 1e999999999 would be a number, too, and
// a gigabyte when written out.
var plainNumber = regexp.MustCompile(`^-?[0-9]{1,15}(\.[0-9]{1,9})?$`)

// SettingProblem is what is wrong with one setting that a person gave. The message
// follows the setting's name: "admin_mail: must be an e-mail address". It holds
// nothing of the value, which may be a password.
type SettingProblem struct {
	Name    string
	Message string
}

func (p SettingProblem) Error() string { return p.Name + ": " + p.Message }

// ResolveSettings checks and converts what a person gave and fills in the rest: the
// defaults, "" for a text without one, false for a bool. All problems come at once,
// sorted by name; with any, the values are nil. A password is checked and is not
// among the values: where it is kept is for Scope.Passwords.
func (a *App) ResolveSettings(given map[string]string) (map[string]cty.Value, []SettingProblem) {
	values := make(map[string]cty.Value, len(a.Settings))
	var problems []SettingProblem
	var names []string
	for _, s := range a.Settings {
		names = append(names, s.Name)
		text, ok := given[s.Name]
		if !ok || text == "" && s.Type != "string" {
			text, ok = "", false
		}
		v, message := s.resolve(text, ok)
		if message != "" {
			problems = append(problems, SettingProblem{s.Name, message})
			continue
		}
		if s.Type != "password" {
			values[s.Name] = v
		}
	}
	for name := range maps.Keys(given) {
		if slices.Contains(names, name) {
			continue
		}
		message := a.Name + " has no such setting"
		if near := nearest(name, names); near != "" {
			message += fmt.Sprintf("; did you mean %q?", near)
		} else if len(names) > 0 {
			message += "; it has " + strings.Join(names, ", ")
		}
		problems = append(problems, SettingProblem{strings.Trim(quoted(name), `"`), message})
	}
	if len(problems) > 0 {
		slices.SortFunc(problems, func(a, b SettingProblem) int { return cmp.Compare(a.Name, b.Name) })
		return nil, problems
	}
	return values, nil
}

// resolve turns what was given for one setting, or that nothing was, into its value.
func (s Setting) resolve(text string, given bool) (cty.Value, string) {
	if s.Required && strings.TrimSpace(text) == "" {
		return cty.NilVal, "must be given"
	}
	switch {
	case given && text != "":
		return s.convert(text)
	case given:
		// The empty text is what was chosen: "no prefix".
		if s.Pattern != "" && !s.matches(text) {
			return cty.NilVal, "must match " + s.Pattern
		}
		return cty.StringVal(""), ""
	case s.Default != cty.NilVal:
		return s.Default, ""
	case s.Type == "bool":
		return cty.False, ""
	}
	return cty.StringVal(""), ""
}

// convert checks a text against the setting's type.
func (s Setting) convert(text string) (v cty.Value, message string) {
	if message := plainText(text); message != "" {
		return cty.NilVal, message
	}
	switch s.Type {
	case "number":
		return s.number(text)
	case "bool":
		switch strings.ToLower(text) {
		case "true", "yes", "on", "1":
			return cty.True, ""
		case "false", "no", "off", "0":
			return cty.False, ""
		}
		return cty.NilVal, "must be true or false"
	case "choice":
		if !slices.Contains(s.Choices, text) {
			return cty.NilVal, "must be one of " + strings.Join(s.Choices, ", ")
		}
	case "email":
		if a, err := mail.ParseAddress(text); err != nil || a.Address != text || len(text) > 254 {
			return cty.NilVal, "must be an e-mail address, as in ada@example.org"
		}
	case "url":
		u, err := url.Parse(text)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.ContainsAny(text, " \t\r\n") {
			return cty.NilVal, "must be an http or https address, as in https://example.org"
		}
	case "path":
		if !strings.HasPrefix(text, "/") || path.Clean(text) != text || strings.ContainsAny(text, "\r\n\t") {
			return cty.NilVal, "must be an absolute path without . or .., as in /srv/media"
		}
	case "password":
		if len(text) > maxPassword {
			return cty.NilVal, fmt.Sprintf("must be at most %d KiB", maxPassword>>10)
		}
	case "timezone":
		if _, err := time.LoadLocation(text); err != nil || text == "Local" {
			return cty.NilVal, "must be a time zone's name, as in Europe/Berlin"
		}
	default:
		if s.Pattern != "" && !s.matches(text) {
			return cty.NilVal, "must match " + s.Pattern
		}
	}
	return cty.StringVal(text), ""
}

func (s Setting) number(text string) (cty.Value, string) {
	if !plainNumber.MatchString(text) {
		return cty.NilVal, "must be a number, as in 8 or 0.5"
	}
	v, err := cty.ParseNumberVal(text)
	if err != nil {
		return cty.NilVal, "must be a number, as in 8 or 0.5"
	}
	n := v.AsBigFloat()
	if s.Min != nil && n.Cmp(big.NewFloat(*s.Min)) < 0 {
		return cty.NilVal, fmt.Sprintf("must be at least %v", *s.Min)
	}
	if s.Max != nil && n.Cmp(big.NewFloat(*s.Max)) > 0 {
		return cty.NilVal, fmt.Sprintf("must be at most %v", *s.Max)
	}
	return v, ""
}

func (s Setting) matches(text string) bool {
	re, err := regexp.Compile(whole(s.Pattern))
	return err == nil && re.MatchString(text)
}

// PasswordProblem says what is wrong with the value of a setting of type password, ""
// if nothing. ResolveSettings holds what it is given to the same.
func PasswordProblem(text string) string {
	_, message := Setting{Type: "password"}.convert(text)
	return message
}

// plainText refuses values that no setting can have.
func plainText(text string) string {
	if len(text) > maxSetting {
		return fmt.Sprintf("must be at most %d KiB", maxSetting>>10)
	}
	if !utf8.ValidString(text) {
		return "must be UTF-8 text"
	}
	for _, r := range text {
		if r == '\r' || badRune(r) {
			return fmt.Sprintf("must not contain the control character U+%04X", r)
		}
	}
	return ""
}

// SettingText writes a setting's value as a person would give it; "" for none.
func SettingText(v cty.Value) string {
	s, _ := scalarText(v)
	return s
}
