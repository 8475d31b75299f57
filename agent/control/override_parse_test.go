package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	nomad "github.com/hashicorp/nomad/api"
)

// parsing is a Nomad that only parses: it refuses texts with "wrong" in them, and is
// away for those with "away".
func parsing(t *testing.T) (c *nomad.Client, asked *int) {
	asked = new(int)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked++
		var req nomad.JobsParseRequest
		if r.URL.Path != "/v1/jobs/parse" || json.NewDecoder(r.Body).Decode(&req) != nil || req.Canonicalize {
			t.Errorf("asked was %s %+v", r.URL, req)
		}
		switch {
		case strings.Contains(req.JobHCL, "wrong"):
			http.Error(w, "Failed to parse job: input.hcl:2,3-9: Unsupported argument; no such thing", http.StatusBadRequest)
		case strings.Contains(req.JobHCL, "away"):
			http.Error(w, "no leader", http.StatusInternalServerError)
		default:
			fmt.Fprint(w, `{"ID": "a", "Name": "a"}`)
		}
	}))
	t.Cleanup(srv.Close)
	c, err := nomad.NewClient(&nomad.Config{Address: srv.URL})
	check(t, err)
	return c, asked
}

func TestNomadIsAskedOnceForEachText(t *testing.T) {
	c, asked := parsing(t)
	s := &Service{Deps: Deps{Nomad: c}}
	const text = "job \"a\" {\n  priority = 60\n}\n"
	for range 3 {
		o, problems, err := s.parseOverride(t.Context(), "", text)
		if o == nil || len(problems) > 0 || err != nil {
			t.Fatalf("%v %v", problems, err)
		}
	}
	for range 3 {
		o, problems, err := s.parseOverride(t.Context(), "mine", text+"# wrong\n")
		if o != nil || err != nil || len(problems) != 1 || problems[0].String() != "mine:2,3: no such thing" {
			t.Errorf("%v %v", problems, err)
		}
	}
	if *asked != 2 {
		t.Errorf("Nomad was asked %d times for two texts", *asked)
	}
	// That Nomad is away is nobody's mistake, and not remembered.
	for range 2 {
		if _, problems, err := s.parseOverride(t.Context(), "", text+"# away\n"); err == nil || len(problems) > 0 {
			t.Errorf("%v %v", problems, err)
		}
	}
	if *asked <= 3 {
		t.Errorf("Nomad was asked %d times", *asked)
	}
	if _, problems, err := s.parseOverride(t.Context(), "", "job \"a\" {"); err != nil || problems.Err() == nil {
		t.Errorf("%v %v", problems, err)
	}
}

func TestWhatIsRememberedOfTextsIsBounded(t *testing.T) {
	c, _ := parsing(t)
	p := &parser{}
	// What was parsed is small here: the bound is held to what a full one would hold.
	for k := range 300 {
		p.mu.Lock()
		p.bytes += keepsParsed / 100
		p.mu.Unlock()
		_, err := p.parse(t.Context(), c, fmt.Sprintf("job \"a%d\" {}", k))
		check(t, err)
		if len(p.known) > 101 || p.bytes > keepsParsed+keepsParsed/100 {
			t.Fatalf("%d texts, %d bytes", len(p.known), p.bytes)
		}
	}
}
