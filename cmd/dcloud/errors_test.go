package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestTheNearestNameIsSuggestedAndNoneWhereNothingIsNear(t *testing.T) {
	known := []string{"install", "list", "status", "stop", "start"}
	for given, want := range map[string]string{
		"instal": "install", "lst": "list", "STATUS": "status", "inst": "install",
		"frobnicate": "", "x": "", "": "",
	} {
		if got := nearest(given, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", given, got, want)
		}
	}
}

func TestEveryCodeHasItsExitCodeAndIsPrintedOnce(t *testing.T) {
	for code, want := range map[string]int{
		agent.CodeInvalid: 2, agent.CodeNotFound: 3, agent.CodeConflict: 4, agent.CodeUnavailable: 5,
		agent.CodeFailed: 1, agent.CodeInternal: 1, agent.CodeUnauthorized: 1,
	} {
		var out strings.Builder
		e := newEnv(nil, nil, &out, func(string) string { return "" })
		if got := e.fail(agent.Errorf(code, "it went wrong").WithHint("try again"), false); got != want {
			t.Errorf("%s ends with %d, want %d", code, got, want)
		}
		if out.String() != "Error: it went wrong.\nTry again\n" {
			t.Errorf("%s prints %q", code, out.String())
		}
	}
}

func TestAnErrorOfAnotherKindIsInternal(t *testing.T) {
	var out strings.Builder
	e := newEnv(nil, nil, &out, func(string) string { return "" })
	if code := e.fail(errors.New("disk on fire"), true); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if want := `{"error":{"code":"internal","message":"disk on fire"}}` + "\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
