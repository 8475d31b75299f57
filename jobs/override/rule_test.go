package override

import (
	"strings"
	"testing"
)

func TestARuleIsOfTheAppsHostsOnly(t *testing.T) {
	hosts := []string{"a.home", "api-a.home"}
	for _, rule := range []string{
		"Host(`a.home`)", "Host(`A.HOME`)", "Host(\"a.home\")", " Host(`a.home`) && PathPrefix(`/x`)", "PathPrefix(`/x`) && Host(`a.home`)",
		"Host(`a.home`) || Host(`api-a.home`)", "Host(`a.home`) && (Path(`/x`) || PathPrefix(`/x/`))", "Host(`a.home`) && !Path(`/x`)",
		"(Host(`a.home`) || Host(`api-a.home`)) && Path(`/`)", "Host(`a.home`) && Header(`X`, `a || b`)",
		"Host(`a.home`) && PathRegexp(`/* // '`)", "Host(`a.home`) && " + strings.Repeat("(", 1500) + "Path(`/`)" + strings.Repeat(")", 1500),
		"Host(`a.home`) && Path(`/)||Host(b.home`)",
	} {
		if err := checkRule(rule, hosts); err != nil {
			t.Errorf("%s: %v", rule, err)
		}
	}
	for _, rule := range []string{
		"", "Host(`b.home`)", "PathPrefix(`/`)", "HostRegexp(`.*`)", "Host(`a.home`) || PathPrefix(`/`)", "!Host(`a.home`)",
		"Host(`a.home`, `b.home`)", "Host(`a.home`) && HostRegexp(`.*`)", "(Host(`a.home`) || Path(`/`)) && Path(`/x`)", "Host(`a.home`))||(Path(`/`)",
		"Host(`a.home`) || ", "Host(`a.home", "Host(a.home)", "host(`b.home`)", "Host (`b.home`)", "Host(`a.home`) && (Path(`/`) || Host(`b.home`))",
		"HostSNI(`*`)", "Host(`a.home` + `x`)", "Host(`a.home`) | Path(`/`)", "((((", "Host(`a.home`)Host(`b.home`)", "ClientIP(`0.0.0.0/0`)",
		"Host(`a.home`) && !(Path(`/`))||Path(`/`)",
		"Host(`a.home`) && Path(/* ` */`/a`) || Host(/* ` */`b.home`)", "Host(`a.home`) // ` || Host(`b.home`)", "Host(`a.home`) && Path('`') || Path('`')",
		"Host(`a.home`)\n|| Host(`b.home`)", "Host(`a.home`);Host(`b.home`)", "Host(`a.home`) && " + strings.Repeat("(", 1500) + "HostRegexp(`.*`)" + strings.Repeat(")", 1500),
	} {
		if checkRule(rule, hosts) == nil {
			t.Errorf("%s was accepted", rule)
		}
	}
}

// A rule that is accepted names one of the app's hosts in each alternative.
func FuzzRule(f *testing.F) {
	f.Add("Host(`a.home`) && (Path(`/x`) || !Path(`/y`))")
	f.Add("Host(`a.home`) || Host(`b.home`)")
	f.Fuzz(func(t *testing.T, rule string) {
		if checkRule(rule, []string{"a.home"}) != nil {
			return
		}
		if !strings.Contains(strings.ToLower(rule), "a.home") {
			t.Errorf("%q was accepted", rule)
		}
	})
}

func TestPathsOfATaskStayWithinItsDirectory(t *testing.T) {
	for _, p := range []string{"local/x", "./local/x", "secrets/x/y", "alloc/x", "../alloc/x", "${NOMAD_TASK_DIR}/x", "${NOMAD_SECRETS_DIR}", "local"} {
		if !taskPath(p) {
			t.Errorf("%s was refused", p)
		}
	}
	for _, p := range []string{"", "/etc", "local/../../x", "..", "../x", "../alloc/../x", "localx", "local\\..\\x", "${NOMAD_TASK_DIR}x", "${NOMAD_META_x}/y",
		"local/${env[\"X\"]}", "x/local", "local/%{x}", "etc/passwd", "local/..", "${NOMAD_TASK_DIR}/../../x"} {
		if taskPath(p) {
			t.Errorf("%s was accepted", p)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"a.b.c", `a["x y"].b[0]`, `a["\u0041"]`, "a[", "a.", "[0]", `a["x"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		steps, err := parseAddress(s)
		if err != nil {
			return
		}
		if len(steps) == 0 || len(steps) > maxSteps {
			t.Fatalf("%d steps", len(steps))
		}
		// Written anew it is read the same.
		again := steps[0].name
		for _, st := range steps[1:] {
			if st.isIndex {
				continue
			}
			again += Key(st.name)
		}
		if _, err := parseAddress(again); err != nil {
			t.Errorf("%q: %v", again, err)
		}
	})
}
