package catalog

import (
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

func TestASettingTakesWhatItsTypeAllows(t *testing.T) {
	one, ten := 1.0, 10.0
	settings := map[string]Setting{
		"string":   {Type: "string"},
		"slug":     {Type: "string", Pattern: "[a-z]+|x"},
		"number":   {Type: "number", Min: &one, Max: &ten},
		"bool":     {Type: "bool"},
		"choice":   {Type: "choice", Choices: []string{"small", "large"}},
		"email":    {Type: "email"},
		"url":      {Type: "url"},
		"path":     {Type: "path"},
		"timezone": {Type: "timezone"},
		"required": {Type: "string", Required: true},
	}
	for _, c := range []struct{ setting, given, want, problem string }{
		{"string", "pa$$\"{{x}}'\\ #=%\nnext\tline", "pa$$\"{{x}}'\\ #=%\nnext\tline", ""},
		{"string", "a\x00b", "", "U+0000"},
		{"string", "a\x1b[2Jb", "", "U+001B"},
		{"string", "a\r\nb", "", "U+000D"},
		{"string", "\xff", "", "UTF-8"},
		{"string", strings.Repeat("x", 64<<10), strings.Repeat("x", 64<<10), ""},
		{"string", strings.Repeat("x", 64<<10+1), "", "64 KiB"},
		{"slug", "abc", "abc", ""},
		{"slug", "abc1", "", "[a-z]+|x"},
		{"slug", "x\n", "", "[a-z]+|x"},
		{"slug", "", "", "[a-z]+|x"},
		{"number", "8", "8", ""},
		{"number", "2.5", "2.5", ""},
		{"number", "0.1", "", "at least 1"},
		{"number", "11", "", "at most 10"},
		{"number", "1e999999999", "", "must be a number"},
		{"number", "0x10", "", "must be a number"},
		{"number", "many", "", "must be a number"},
		{"bool", "true", "true", ""},
		{"bool", "Yes", "true", ""},
		{"bool", "off", "false", ""},
		{"bool", "maybe", "", "true or false"},
		{"choice", "large", "large", ""},
		{"choice", "medium", "", "small, large"},
		{"email", "ada@example.org", "ada@example.org", ""},
		{"email", "Ada <ada@example.org>", "", "e-mail"},
		{"email", "ada", "", "e-mail"},
		{"url", "https://example.org:8443/x?y", "https://example.org:8443/x?y", ""},
		{"url", "javascript:alert(1)", "", "http"},
		{"url", "https://", "", "http"},
		{"path", "/srv/media", "/srv/media", ""},
		{"path", "/srv/../etc", "", "absolute path"},
		{"path", "srv", "", "absolute path"},
		{"path", "/srv/", "", "absolute path"},
		{"timezone", "Europe/Berlin", "Europe/Berlin", ""},
		{"timezone", "Europe/Brelin", "", "time zone"},
		{"timezone", "../../etc/passwd", "", "time zone"},
		{"timezone", "Local", "", "time zone"},
		{"required", "", "", "must be given"},
		{"required", " ", "", "must be given"},
	} {
		s := settings[c.setting]
		s.Name = "x"
		app := &App{Name: "demo", Settings: []Setting{s}}
		values, problems := app.ResolveSettings(map[string]string{"x": c.given})
		if c.problem == "" {
			if len(problems) > 0 || SettingText(values["x"]) != c.want {
				t.Errorf("%s %.40q: got %.40q, %v", c.setting, c.given, SettingText(values["x"]), problems)
			}
			continue
		}
		if len(problems) != 1 || !strings.Contains(problems[0].Message, c.problem) {
			t.Errorf("%s %.40q: want a problem with %q, got %v", c.setting, c.given, c.problem, problems)
		}
	}
}

func TestSettingsThatAreNotGivenHaveTheirDefaults(t *testing.T) {
	app := &App{Name: "demo", Settings: []Setting{
		{Name: "a", Type: "string", Default: cty.StringVal("admin")},
		{Name: "b", Type: "string"},
		{Name: "c", Type: "bool"},
		{Name: "d", Type: "number", Default: cty.NumberIntVal(5)},
		{Name: "e", Type: "email"},
		{Name: "f", Type: "number", Default: cty.NumberIntVal(6)},
	}}
	values, problems := app.ResolveSettings(map[string]string{"f": ""})
	if problems != nil {
		t.Fatal(problems)
	}
	for name, want := range map[string]string{"a": "admin", "b": "", "c": "false", "d": "5", "e": "", "f": "6"} {
		if got := SettingText(values[name]); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if values["d"].Type() != cty.Number || values["c"].Type() != cty.Bool {
		t.Errorf("numbers and bools keep their types: %#v", values)
	}
}

func TestAnEmptyTextThatIsGivenReplacesTheDefault(t *testing.T) {
	app := &App{Settings: []Setting{{Name: "prefix", Type: "string", Default: cty.StringVal("app_")}}}
	values, problems := app.ResolveSettings(map[string]string{"prefix": ""})
	if problems != nil || SettingText(values["prefix"]) != "" {
		t.Errorf("got %q, %v", SettingText(values["prefix"]), problems)
	}
}

func TestAllProblemsOfSettingsComeAtOnceAndHoldNoValue(t *testing.T) {
	app := &App{Name: "demo", Settings: []Setting{
		{Name: "admin_name", Type: "string", Required: true},
		{Name: "mail", Type: "email"},
	}}
	values, problems := app.ResolveSettings(map[string]string{"mail": "hunter2", "admin_nam": "hunter2", "zzz": "hunter2"})
	if values != nil || len(problems) != 4 {
		t.Fatalf("want four problems, got %v", problems)
	}
	for i, want := range []string{`admin_nam: demo has no such setting; did you mean "admin_name"?`, "admin_name: must be given",
		"mail: must be an e-mail address, as in ada@example.org", "zzz: demo has no such setting; it has admin_name, mail"} {
		if got := problems[i].Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
