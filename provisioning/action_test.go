package provisioning

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// fake is an action on a flag.
func fake(name string, flag *bool, log *[]string) Action {
	return Action{
		Name:  name,
		Check: func(context.Context) (bool, string, error) { return *flag, "flag", nil },
		Apply: func(_ context.Context, progress func(Progress)) error {
			progress(Progress{Message: "half", Percent: 50, ETA: time.Second})
			*flag = true
			*log = append(*log, name)
			return nil
		},
	}
}

func TestSecondRunChangesNothing(t *testing.T) {
	var a, b bool
	var log []string
	var told []Progress
	actions := []Action{fake("A", &a, &log), fake("B", &b, &log)}
	changed, err := Run(t.Context(), actions, func(p Progress) { told = append(told, p) })
	if err != nil || changed != 2 || strings.Join(log, "") != "AB" {
		t.Fatalf("%d %v %q", changed, err, log)
	}
	var states []string
	for _, p := range told {
		states = append(states, p.Action+":"+string(p.State))
	}
	want := "A:checking A:applying A:applying A:done B:checking B:applying B:applying B:done"
	if got := strings.Join(states, " "); got != want {
		t.Errorf("told %s", got)
	}
	if changed, err := Run(t.Context(), actions, nil); err != nil || changed != 0 || len(log) != 2 {
		t.Errorf("the second run: %d %v %q", changed, err, log)
	}
}

func TestFailureStopsAndIsReported(t *testing.T) {
	var later bool
	var log []string
	var last Progress
	bad := Action{Name: "Bad",
		Check: func(context.Context) (bool, string, error) { return false, "", nil },
		Apply: func(context.Context, func(Progress)) error { return errors.New("no") }}
	_, err := Run(t.Context(), []Action{bad, fake("later", &later, &log)}, func(p Progress) { last = p })
	if err == nil || err.Error() != "Bad: no" || later || last.State != Failed || last.Action != "Bad" {
		t.Errorf("%v %v %+v", err, later, last)
	}
}

func TestApplyThatDidNotHelpIsAFailure(t *testing.T) {
	a := Action{Name: "Idle",
		Check: func(context.Context) (bool, string, error) { return false, "still off", nil },
		Apply: func(context.Context, func(Progress)) error { return nil }}
	if _, err := Run(t.Context(), []Action{a}, nil); err == nil || !strings.Contains(err.Error(), "still off") {
		t.Errorf("%v", err)
	}
}

func TestErrorsForPeopleKeepTheirHint(t *testing.T) {
	cause := errors.New("cause")
	a := Action{Name: "A", Check: func(context.Context) (bool, string, error) {
		return false, "", Errorf("it broke: %w", cause).WithHint("mend %s", "it")
	}}
	_, err := Run(t.Context(), []Action{a}, nil)
	var e *Error
	if !errors.As(err, &e) || e.Message != "it broke: cause" || e.Hint != "mend it" || !errors.Is(err, cause) {
		t.Errorf("%#v", err)
	}
}
