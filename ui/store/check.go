package store

import (
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// check is what the control service says of an install before it is asked for.
type check struct {
	Good    bool
	Text    string
	Why     []string    // it fits nowhere: why, machine by machine
	Made    *agent.Plan // what would be made, for who wants to know
	Waits   bool        // something that is needed was not typed yet
	Fields  []web.Field
	Name    web.Field
	Address web.Field
	Page    bool // it has one, and so an address
	OOB     bool // the fields go along, for a form that is open
}

// checkInstall answers while somebody types: a sentence, and what is wrong at the
// fields where it is. A field that is still empty is not called wrong.
func checkInstall(c *web.Ctx) error {
	e, v, err := sent(c)
	if err != nil {
		return err
	}
	k := look(c, e, v)
	k.OOB = true
	// A password is in no answer: a new field would take it from under somebody's hands.
	k.Fields = slices.DeleteFunc(k.Fields, func(f web.Field) bool { return f.Type == web.FieldPassword })
	return c.Part(pages, "store-check", k)
}

// look asks the control service for the plan.
func look(c *web.Ctx, e agent.Entry, v values) check {
	plan, err := c.Cloud.Plan(c.Context(), v.request(e))
	if err == nil {
		f := formOf(e, v, nil, c.State().Settings.Domain, c)
		k := check{Fields: f.all(), Name: f.Name, Address: f.Address, Page: e.Access != "", Made: &plan}
		k.Good, k.Text, k.Why = outcome(plan, c)
		if why := whyThere(plan, v.Node, c); k.Good && why != "" {
			k.Text += " " + why
		}
		return k
	}
	refused := plain(agent.AsError(err))
	if refused.Code == agent.CodeInternal {
		c.Log.Warn("an install could not be planned", "app", e.Name, "err", err)
		return check{Text: c.T("What it will do cannot be said at the moment.")}
	}
	f := formOf(e, v, refused, c.State().Settings.Domain, c)
	k := check{Fields: f.all(), Name: f.Name, Address: f.Address, Page: e.Access != ""}
	wrong := false
	for n := range k.Fields {
		if k.Fields[n].Error != "" && v.Settings[k.Fields[n].Name[len(setting):]] == "" {
			k.Fields[n].Error, k.Waits = "", true
		}
		wrong = wrong || k.Fields[n].Error != ""
	}
	switch {
	case f.Problem != nil:
		k.Text = web.Sentence(f.Problem.Message)
	case f.Access.Error != "":
		k.Text = f.Access.Error
	case f.Node.Error != "":
		k.Text = f.Node.Error
	case k.Waits && !wrong:
		k.Text = c.T("Fill in what is asked for above.")
	default:
		k.Text = c.T("Something above is not right yet.")
	}
	return k
}

// outcome says of a plan what would come of it, and where it fits nowhere, why.
func outcome(p agent.Plan, w words) (good bool, text string, why []string) {
	for _, n := range p.Nodes {
		good = good || n.Fits
	}
	if p.Verdict.Do == agent.VerdictBlocked || !good && len(p.Nodes) > 0 {
		if why = p.Verdict.Why; len(why) == 0 {
			for _, n := range p.Nodes {
				why = append(why, w.T("%s: %s.", n.Name, because(n.Why)))
			}
		}
		return false, w.T("It fits on none of your machines as they are."), why
	}
	switch {
	case p.URL != "" && p.Node != "":
		return true, w.T("It will run on %s, at %s.", p.Node, p.URL), nil
	case p.URL != "":
		return true, w.T("It will be at %s.", p.URL), nil
	}
	return true, w.T("It will run on %s.", p.Node), nil
}

// whyThere says why it is that machine, "" where there is nothing to choose or somebody
// has chosen.
func whyThere(p agent.Plan, asked string, w words) string {
	fits, chosen, data := 0, false, false
	for _, n := range p.Nodes {
		if n.Fits {
			fits++
		}
		chosen = chosen || n.Chosen
		data = data || slices.ContainsFunc(n.Why, func(why string) bool { return strings.HasPrefix(why, "its data is on ") })
	}
	switch {
	case data:
		return w.T("Its data is there already.")
	case asked != "" || len(p.Nodes) < 2:
		return ""
	case fits == 1:
		return w.T("It fits on no other of your machines.")
	case chosen:
		return w.T("There is the most room.")
	}
	return w.T("Your cloud picks one of them.")
}
