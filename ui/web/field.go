package web

import (
	"strconv"

	"github.com/dentropy/dcloud/agent"
)

// Types of a field: what it lets somebody type, and with which keys of a phone.
const (
	FieldText     = "text"
	FieldPassword = "password"
	FieldNumber   = "number"
	FieldEmail    = "email"
	FieldURL      = "url"
	FieldChoice   = "choice" // one of Choices
	FieldBool     = "bool"   // a switch: "true", or not sent
	FieldPath     = "path"   // of a directory on a machine
	FieldTimezone = "timezone"
)

// Field is one of a form's: {{template "field" (part $ .)}}.
type Field struct {
	Name     string // as the form sends it; also the element's id, as "f-NAME"
	Label    string
	Type     string // text unless said
	Value    string
	Default  string // what holds where nothing is typed
	Help     string
	Error    string // why what was sent was refused
	Choices  []string
	Required bool
	Given    bool   // of a password: there is one, and an empty field keeps it
	Advanced bool   // the page shows it behind "more"
	Pattern  string // must match the whole; checked by the server
	Min, Max *float64
	// Autocomplete is what a browser may fill in: "username", "new-password",
	// "one-time-code", …; "off" unless said.
	Autocomplete string
	Placeholder  string
	Autofocus    bool
}

// FieldOf is the field of an app's setting, with what was typed ("" for what is set
// now) and why that was refused. A password is never sent back to the page: not the one
// that there is, nor the one that was typed.
func FieldOf(s agent.ConfigSetting, value, problem string) Field {
	f := Field{
		Name: s.Name, Label: s.Title, Type: s.Type, Value: value, Default: s.Default, Help: s.Help, Error: problem,
		Choices: s.Choices, Required: s.Required, Advanced: s.Advanced, Pattern: s.Pattern, Min: s.Min, Max: s.Max,
	}
	if f.Label == "" {
		f.Label = s.Name
	}
	if s.Type == FieldPassword {
		f.Value, f.Default, f.Autocomplete, f.Given = "", "", "new-password", s.Given
		f.Required = s.Required && !s.Given
		return f
	}
	if f.Value == "" {
		f.Value = s.Value
	}
	if f.Value == "" && (f.Type == FieldChoice || f.Type == FieldBool) {
		f.Value = s.Default
	}
	if s.Type == "string" {
		f.Type = FieldText
	}
	return f
}

// ID is the element's, to which labels and explanations refer.
func (f Field) ID() string { return "f-" + f.Name }

// On tells whether a switch is.
func (f Field) On() bool { return f.Value == "true" }

// Input is the type of the HTML element.
func (f Field) Input() string {
	switch f.Type {
	case FieldPassword, FieldNumber, FieldEmail, FieldURL:
		return f.Type
	}
	return "text"
}

// Fill is the element's autocomplete attribute.
func (f Field) Fill() string {
	if f.Autocomplete == "" {
		return "off"
	}
	return f.Autocomplete
}

// Hint is what stands in the empty field: what holds then, or an example.
func (f Field) Hint() string {
	if f.Placeholder == "" {
		return f.Default
	}
	return f.Placeholder
}

// Described are the ids of what explains the field, "" for none.
func (f Field) Described() string {
	switch {
	case f.Help != "" && f.Error != "":
		return f.ID() + "-help " + f.ID() + "-error"
	case f.Help != "":
		return f.ID() + "-help"
	case f.Error != "":
		return f.ID() + "-error"
	}
	return ""
}

// Least and Most are the bounds of a number as HTML writes them, "" for none.
func (f Field) Least() string { return number(f.Min) }
func (f Field) Most() string  { return number(f.Max) }

func number(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

// Levels of a warning.
const (
	LevelInfo = "info"
	LevelWarn = "warn"
	LevelBad  = "bad"
)

// Warning says on a page that something is not as it should be, and what to do.
type Warning struct {
	Level  string // info, warn or bad
	Text   string
	Hint   string
	Href   string // where to do something about it, with Action as the words of the link
	Action string
}

// Icon is the one that goes with the level.
func (w Warning) Icon() string {
	switch w.Level {
	case LevelBad:
		return "octagon-alert"
	case LevelWarn:
		return "triangle-alert"
	}
	return "info"
}
