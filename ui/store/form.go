package store

import (
	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// form asks for what an install needs.
type form struct {
	Entry   agent.Entry
	Trust   trust
	Fields  []web.Field // settings that somebody may want to choose
	More    []web.Field // those for who knows
	Name    web.Field
	Address web.Field
	Access  choices
	Node    choices
	Problem *agent.Error // that belongs to no field
	Check   check
	// OneTap: nothing has to be chosen, and nothing that was chosen is wrong.
	OneTap bool
	Sheet  bool // it lies over another page
	Again  *agent.Activity
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
	f := form{Entry: e, Trust: trustOf(e, w.T), Problem: rest, OneTap: wrong == nil}
	for _, s := range e.Settings {
		field := web.FieldOf(s, v.Settings[s.Name], byField[setting+s.Name])
		field.Name = setting + s.Name
		// A number of copies is nothing that a first install is about.
		if field.Advanced = field.Advanced || s.Name == "replicas"; field.Advanced && field.Error == "" && !field.Required {
			f.More = append(f.More, field)
		} else {
			f.Fields = append(f.Fields, field)
		}
		if s.Required && s.Default == "" {
			f.OneTap = false
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
			o.Text = said(because(n.Why))
		}
		if n.Name == chosen && n.Fits {
			o.Chosen, c.Options[0].Chosen = true, false
		}
		c.Options = append(c.Options, o)
	}
	return c
}
