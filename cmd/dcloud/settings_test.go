package main

import (
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestAFileForASettingMustBeShort(t *testing.T) {
	e := newEnv(strings.NewReader(strings.Repeat("x", maxSettingFile+1)), nil, nil, func(string) string { return "" })
	if _, err := e.parseSettings([]string{"a=@-"}); err == nil || agent.AsError(err).Code != agent.CodeInvalid {
		t.Errorf("a file that is too long gives %v, want an invalid request", err)
	}
}

func FuzzSettingsNeverShowTheirValuesInErrors(f *testing.F) {
	for _, s := range []string{"a=1", "a", "=secretvalue", "a=@-", "a=\xffsecretvalue", "é=ü=x", "a=@/nonexistent/secretvalue"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, "=@") {
			return // names a file, which may be a device that never ends
		}
		e := newEnv(strings.NewReader(""), nil, nil, func(string) string { return "" })
		set, err := e.parseSettings([]string{s})
		name, value, _ := strings.Cut(s, "=")
		switch {
		case err == nil && set[name] != value:
			t.Errorf("%q became %q", s, set)
		case err != nil && len(value) > 6 && !strings.Contains(name, value) && strings.Contains(err.Error(), value):
			t.Errorf("the error shows the value: %v", err)
		}
	})
}
