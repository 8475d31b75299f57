package store

import (
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// form asks for what an install needs.
type form struct {
	Entry   agent.Entry
	Foreign foreign
	Trust   trust
	Needed  []web.Field // settings that must be given
	Fields  []web.Field // those that somebody may want to choose
	More    []web.Field // those for who knows
	Name    web.Field
	Address web.Field
	Access  choices
	Node    choices
	Problem *agent.Error // that belongs to no field
	Check   check
	Sheet   bool // it lies over another page
	// Fold: what need not be chosen is folded away.
	Fold  bool
	Again *agent.Activity
}

// choices are radio buttons.
type choices struct {
	Name, Label, Help, Error string
	Options                  []option
}

// option is one of them.
type option struct {
	Value, Title, Text string
	Chosen, Off        bool
}

// formOf makes the form of an entry: with what was typed, and what is wrong with it.
func formOf(e agent.Entry, v values, wrong *agent.Error, domain string, w words) form {
	byField, rest := place(wrong, namesOf(e))
	f := form{Entry: e, Foreign: foreignOf(e), Trust: trustOf(e, w.T), Problem: rest}
	f.Foreign.Read = v.Read
	for _, s := range e.Settings {
		field := web.FieldOf(s, v.Settings[s.Name], byField[setting+s.Name])
		field.Name = setting + s.Name
		// A number of copies is nothing that a first install is about.
		field.Advanced = field.Advanced || s.Name == "replicas"
		switch {
		case s.Required && s.Default == "":
			f.Needed = append(f.Needed, field)
		case field.Advanced && field.Error == "":
			f.More = append(f.More, field)
		default:
			f.Fields = append(f.Fields, field)
		}
	}
	f.Name = web.Field{Name: fieldName, Label: w.T("Name"), Type: web.FieldText, Value: v.Name, Error: byField[fieldName], Required: true,
		Help: w.T("What it is called on your home screen. Small letters, digits and hyphens.")}
	f.Address = web.Field{Name: fieldAddress, Label: w.T("Address"), Type: web.FieldText, Value: v.Subdomain, Error: byField[fieldAddress],
		Placeholder: v.Name, Help: w.T("What stands before .%s; its name unless you say something else.", domain)}
	f.Access = accessChoices(e, v.Access, byField[fieldAccess], w)
	f.Node = nodeChoices(e.Nodes, v.Node, byField[fieldNode], w)
	return f
}

func namesOf(e agent.Entry) []string {
	var names []string
	for _, s := range e.Settings {
		names = append(names, s.Name)
	}
	return names
}

// accessChoices say in words who may pass the front door.
func accessChoices(e agent.Entry, chosen, wrong string, w words) choices {
	c := choices{Name: fieldAccess, Label: w.T("Who may open it"), Error: wrong}
	if e.Access == "" {
		return c // it has no page
	}
	for _, kind := range []string{"private", "members", "app", "public"} {
		title, text := accessWords(kind)
		o := option{Value: kind, Title: w.T(title), Text: w.T(text), Chosen: kind == chosen || chosen == "" && kind == e.Access}
		if kind == e.Access {
			o.Title = w.T("%s (as the app is meant)", o.Title)
		}
		c.Options = append(c.Options, o)
	}
	return c
}

// nodeChoices are the machines, each with why the app does not fit there.
func nodeChoices(fits []agent.NodeFit, chosen, wrong string, w words) choices {
	c := choices{Name: fieldNode, Label: w.T("Where it runs"), Error: wrong}
	c.Options = append(c.Options, option{Title: w.T("Your cloud chooses"), Text: w.T("Where there is the most room."), Chosen: true})
	for _, n := range fits {
		o := option{Value: n.Name, Title: n.Name, Text: w.T("It fits."), Off: !n.Fits}
		if !n.Fits {
			o.Text = web.Sentence(because(n.Why))
		}
		if n.Name == chosen && n.Fits {
			o.Chosen, c.Options[0].Chosen = true, false
		}
		c.Options = append(c.Options, o)
	}
	return c
}

// folded tells whether all that is wrong can be seen while the rest is folded away.
func (f form) folded() bool {
	wrong := f.Name.Error + f.Address.Error + f.Access.Error + f.Node.Error
	for _, field := range f.Fields {
		wrong += field.Error
	}
	return wrong == "" && f.Again == nil
}

// askAgain tells at each password that was typed that it has to be typed once more: it
// is not sent back to the page, and an install without it would be another.
func (f *form) askAgain(typed map[string]string, w words) {
	for _, list := range [][]web.Field{f.Needed, f.Fields, f.More} {
		for k := range list {
			if list[k].Type == web.FieldPassword && list[k].Error == "" && typed[list[k].Name[len(setting):]] != "" {
				list[k].Error = w.T("Type it once more: a password is not sent back to this page.")
			}
		}
	}
}

// all are the fields of the settings.
func (f form) all() []web.Field { return slices.Concat(f.Needed, f.Fields, f.More) }

// beginAtError lets the page begin at the first field that is wrong.
func (f *form) beginAtError() {
	for _, list := range [][]web.Field{f.Needed, f.Fields, f.More} {
		for k := range list {
			if list[k].Error != "" {
				list[k].Autofocus = true
				return
			}
		}
	}
	for _, field := range []*web.Field{&f.Name, &f.Address} {
		if field.Error != "" {
			field.Autofocus = true
			return
		}
	}
}
