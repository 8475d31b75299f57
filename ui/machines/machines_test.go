package machines

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web/webtest"
)

func TestThePoolShowsEachMachineInWordsAndInThePicture(t *testing.T) {
	page := newBed(t, sample.New(sample.At(noon))).Get("owner", "/machines")
	webtest.Has(t, page, `aria-label="Your machines: pi1: Well; pi2: Away; vps1: Being emptied"`, "3.9 GB of 4.1 GB", "34 % busy",
		"attic asks to be let in", "8.2 GB of memory, Intel or AMD, 64 bits, from 192.168.1.44.", "It would run apps.", "It has not answered for 3 hours.", `class="pool-link off"`, `class="pool-door"`, `href="/machines/add"`)
}

func TestThePictureOfAnyNumberOfMachinesHasNoTwoInOnePlace(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 7, 50} {
		c := sample.New(sample.At(noon), sample.Empty())
		for k := 1; k < n; k++ {
			c.AddNode(agent.Node{Name: "m" + strings.Repeat("x", k), Role: []string{"worker", "server", "ingress"}[k%3], State: agent.NodeReady, Memory: 1024})
		}
		b := newBed(t, c)
		webtest.Has(t, b.Get("member", "/machines"), "<svg class=\"pool\"")
		places := map[[2]int]bool{}
		// The texts of states need somebody who asks; the places do not.
		p := poolPicture(t, b)
		for _, x := range p.Boxes {
			if places[[2]int{x.X, x.Y}] || x.X < 0 || x.X+boxWidth > p.Width || x.Y+boxHeight > p.Height {
				t.Errorf("of %d, %s is at %d,%d in %d×%d", n, x.Name, x.X, x.Y, p.Width, p.Height)
			}
			places[[2]int{x.X, x.Y}] = true
		}
		if len(p.Boxes) != n || len(p.Links) != n-1 {
			t.Errorf("%d boxes and %d links of %d machines", len(p.Boxes), len(p.Links), n)
		}
	}
}

func TestAMemberSeesMachinesButNothingToChangeThem(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	webtest.HasNot(t, b.Get("member", "/machines")+b.Get("member", "/machines/pi1"), "/machines/add", "attic", "/drain", "/remove", "<form")
	for _, path := range []string{"/machines/add", "/machines/pi2/remove"} {
		if w := b.Ask("member", http.MethodGet, path, nil); w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := b.Ask("admin", http.MethodGet, "/machines/pi2/remove", nil); w.Code != http.StatusForbidden {
		t.Errorf("an admin may remove machines: %d", w.Code)
	}
	if w := b.Ask("guest", http.MethodGet, "/machines", nil); w.Code != http.StatusForbidden {
		t.Errorf("guest: %d", w.Code)
	}
}

func TestTheLineIsShownOnceWithItsPictureAndWhoComesAppears(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	w := b.Send("admin", "/machines/add", "/machines/tokens", url.Values{"role": {"ingress"}, "ttl": {"24h"}, "uses": {"2"}, "ask": {"true"}, "call": {"203.0.113.7"}})
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	webtest.Has(t, w.Body.String(), "sudo dcloud join dc1.", `class="qr"`, "in 1 day", "Good for 2 machines", "calls it at 203.0.113.7", "known=-%2Cpi1%2Cpi2%2Cvps1", "attic asks to be let in")
}

func TestWhatCannotBeAnInvitationIsRefusedAndStaysTyped(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	for _, form := range []url.Values{
		{"role": {"god"}, "ttl": {"1h"}, "uses": {"1"}}, {"ttl": {"-1h"}}, {"ttl": {"later"}}, {"ttl": {"9000h"}}, {"uses": {"101"}}, {"uses": {"many"}},
		{"uses": {"1"}, "call": {"<script>alert(1)</script> x"}},
	} {
		w := b.Send("admin", "/machines/add", "/machines/tokens", form)
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, w.Code)
		}
		webtest.HasNot(t, w.Body.String(), "<script>alert", "dc1.")
	}
}

func TestAMachineThatAsksIsLetInOrSentAway(t *testing.T) {
	for _, answer := range []string{"accept", "refuse"} {
		b := newBed(t, sample.New(sample.At(noon)))
		if w := b.Send("admin", "/machines", "/machines/pending/ask-1/"+answer, nil); w.Code != http.StatusSeeOther {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		waiting, _ := b.Pending(t.Context())
		nodes, _ := b.Nodes(t.Context())
		if len(waiting) != 0 || (len(nodes) == 4) != (answer == "accept") {
			t.Errorf("%s: %v %v", answer, waiting, nodes)
		}
	}
}

func TestOneMachineSaysWhatRunsThereAndWhatEmptyingItComesTo(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	webtest.Has(t, b.Get("admin", "/machines/pi1"), "stays: its data is on pi1", "Empty pi1", `href="/apps/miniflux"`, "data-charts=\"/machines/pi1/usage.json\"")
	webtest.Has(t, b.Get("admin", "/machines/vps1"), "Let it run apps again")
	webtest.HasNot(t, b.Get("admin", "/machines/pi2"), "/drain")
	webtest.Has(t, b.Get("member", "/machines/pi1/usage.json?range=day"), `"range":"day"`)
	if w := b.Send("admin", "/machines/vps1", "/machines/vps1/undrain", nil); w.Code != http.StatusSeeOther {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := b.Ask("owner", http.MethodGet, "/machines/"+url.PathEscape("<b>"+strings.Repeat("x", 500)), nil); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "<b>x") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestAMachineGoesOnlyByItsNameAndItsDataOnlyIfTicked(t *testing.T) {
	b := newBed(t, sample.New(sample.At(noon)))
	for _, form := range []url.Values{{"confirm": {"pi1"}, "abandon": {"true"}}, {"confirm": {"pi2"}}, {"abandon": {"true"}}} {
		if w := b.Send("owner", "/machines/pi2/remove", "/machines/pi2/remove", form); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, w.Code)
		}
	}
	if w := b.Ask("calm", http.MethodGet, "/machines/pi2/remove", nil); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/sudo") {
		t.Errorf("without a proof: %d", w.Code)
	}
	if w := b.Send("owner", "/machines/pi2/remove", "/machines/pi2/remove", url.Values{"confirm": {"pi2"}, "abandon": {"true"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	b.Finish()
	if nodes, _ := b.Nodes(t.Context()); len(nodes) != 2 {
		t.Errorf("%v", nodes)
	}
}

func TestAnOpenPageFollowsAMachineThatArrives(t *testing.T) {
	c := sample.New(sample.At(noon))
	b := newBed(t, c)
	server := httptest.NewServer(b.Kernel.Handler())
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/live/machines?known=pi1,pi2,vps1", nil)
	r.AddCookie(&http.Cookie{Name: "dcloud_session", Value: b.Token("admin")})
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	c.AddNode(agent.Node{Name: "newcomer", Role: "worker", State: agent.NodeJoining, Memory: 1024})
	if err := b.Hub.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if strings.Contains(lines.Text(), `href="/machines/newcomer"`) {
			return
		}
	}
	t.Errorf("it never came: %v", lines.Err())
}
