package machines

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// choice is one of a few, with what it means.
type choice struct{ Value, Title, About string }

// addPage is the form that lets a machine in.
type addPage struct {
	Roles, Times []choice
	Role, TTL    string
	Uses         string
	Ask          bool
	Call         string
	Addresses    string
	More         bool // something is typed behind "more"
	Error        *agent.Error
}

// tokenPage is what has to be done on the new machine.
type tokenPage struct {
	agent.Token
	Ask      bool
	Call     string
	Known    string // machines that there are already, for the stream
	Arrivals arrivals
}

func addPageOf(c *web.Ctx) addPage {
	p := addPage{
		Roles: []choice{
			{"worker", c.T("Runs apps"), c.T("What most machines are: a Raspberry Pi, an old laptop.")},
			{"ingress", c.T("Front door"), c.T("A rented machine with a public address, through which the internet reaches your apps.")},
			{"server", c.T("Runs the cloud too"), c.T("Keeps the cloud's memory. One is enough; three survive the loss of one.")},
		},
		Times: []choice{{"1h", c.T("1 hour"), ""}, {"24h", c.T("1 day"), ""}, {"168h", c.T("1 week"), ""}},
		Role:  "worker", TTL: "1h", Uses: "1",
	}
	if c.Session.Role != agent.RoleOwner { // the control service holds the rule
		p.Roles = p.Roles[:1]
	}
	return p
}

func add(c *web.Ctx) error { return c.Page(pages, "add.html", addPageOf(c)) }

func makeToken(c *web.Ctx) error {
	p := addPageOf(c)
	p.Role, p.TTL, p.Uses, p.Ask = c.Value("role"), c.Value("ttl"), strings.TrimSpace(c.Value("uses")), c.Value("ask") == "true"
	p.Call, p.Addresses = strings.TrimSpace(c.Value("call")), strings.TrimSpace(c.Value("addresses"))
	p.More = p.Call != "" || p.Addresses != "" || p.Uses != "1"
	req, err := p.request()
	var t agent.Token
	if err == nil {
		t, err = c.Cloud.NodeToken(c.Context(), req)
	}
	if err != nil {
		if e, ok := web.Refused(err); ok {
			p.Error = e
			return c.PageAs(http.StatusUnprocessableEntity, pages, "add.html", p)
		}
		return err
	}
	s := c.State()
	known := knownOf(s)
	return c.Page(pages, "token.html", tokenPage{Token: t, Ask: req.Ask, Call: req.Call, Known: known, Arrivals: arrivalsOf(c, s, known)})
}

// request reads the form. What it cannot be is refused here; what it may not be, by
// the control service.
func (p addPage) request() (agent.TokenRequest, error) {
	req := agent.TokenRequest{Role: p.Role, Ask: p.Ask, Call: p.Call, Addresses: strings.FieldsFunc(p.Addresses, func(r rune) bool { return strings.ContainsRune(" ,;\r\n\t", r) })}
	var err error
	if p.TTL != "" {
		if req.TTL, err = time.ParseDuration(p.TTL); err != nil || req.TTL <= 0 {
			return req, agent.Errorf(agent.CodeInvalid, "that is no length of time").WithHint("choose one of the list")
		}
	}
	if p.Uses != "" {
		if req.Uses, err = strconv.Atoi(p.Uses); err != nil || req.Uses < 1 || req.Uses > 100 {
			return req, agent.Errorf(agent.CodeInvalid, "the invitation is for between 1 and 100 machines").WithHint("type a number")
		}
	}
	return req, nil
}
