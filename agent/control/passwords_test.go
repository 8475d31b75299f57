package control

import (
	"crypto/rand"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
)

// mailer has settings of type password beside others.
const mailer = `app "mailer" {
  title    = "Mailer"
  tagline  = "Sends"
  category = "tools"
  version  = "1.0"
  license  = "MIT"
  website  = "https://example.org"
  setting "smtp_host" { title = "Mail server" }
  setting "smtp_password" {
    title = "Its password"
    type  = "password"
  }
  setting "api_key" {
    title = "A key"
    type  = "password"
  }
  service "web" {
    image = "docker.io/x/y:1"
    env = {
      HOST     = setting.smtp_host
      PASSWORD = setting.smtp_password
      KEY      = setting.api_key
    }
    expose "web" { port = 80 }
  }
}
`

func mailerEntry(t testing.TB) *catalog.App {
	t.Helper()
	entry, problems := catalog.Parse("app.hcl", []byte(mailer))
	if entry == nil {
		t.Fatal(problems)
	}
	return entry
}

func TestAPasswordLeavesAReferenceInTheSettingsAndNothingElse(t *testing.T) {
	entry := mailerEntry(t)
	for _, value := range []string{"hunter2", "secret:ab12cd34", "given_api_key_ab12cd34", "${secret.x}", "{{ .x }}", " ", "a\nb", strings.Repeat("x", 4096)} {
		settings, fresh, err := mergeSettings(entry, nil, map[string]string{"smtp_host": "mail", "smtp_password": value}, rand.Reader)
		if err != nil {
			t.Errorf("%.40q: %v", value, err)
			continue
		}
		passwords, problems := passwordsOf(entry, settings)
		if len(problems) > 0 || fresh[passwords["smtp_password"]] != value || len(fresh) != 1 {
			t.Errorf("%.40q is not where the settings say: %v %v", value, settings, problems)
		}
		if settings["smtp_password"] == value || settings["smtp_host"] != "mail" || !passwordRef.MatchString(settings["smtp_password"]) {
			t.Errorf("%.40q: the settings are %v", value, settings)
		}
	}
}

func TestSettingsAreLaidOverThoseThatAreThere(t *testing.T) {
	entry := mailerEntry(t)
	before := map[string]string{"smtp_host": "mail", "smtp_password": "secret:aaaaaaaa", "api_key": "secret:bbbbbbbb"}
	kept := maps.Clone(before)
	for what, c := range map[string]struct{ given, want map[string]string }{
		"nothing":                  {nil, before},
		"an empty password":        {map[string]string{"smtp_password": ""}, before},
		"an empty text":            {map[string]string{"smtp_host": ""}, map[string]string{"smtp_host": "", "smtp_password": "secret:aaaaaaaa", "api_key": "secret:bbbbbbbb"}},
		"a password is taken away": {map[string]string{"smtp_password": agent.Unset}, map[string]string{"smtp_host": "mail", "api_key": "secret:bbbbbbbb"}},
		"a text is taken away":     {map[string]string{"smtp_host": agent.Unset}, map[string]string{"smtp_password": "secret:aaaaaaaa", "api_key": "secret:bbbbbbbb"}},
	} {
		got, fresh, err := mergeSettings(entry, before, c.given, rand.Reader)
		if err != nil || !maps.Equal(got, c.want) || len(fresh) > 0 || !maps.Equal(before, kept) {
			t.Errorf("%s: %v, %v, %v", what, got, fresh, err)
		}
	}
}

func TestAPasswordThatCannotBeOneIsRefusedWithoutBeingShown(t *testing.T) {
	entry := mailerEntry(t)
	for _, value := range []string{strings.Repeat("hunter2", 600), "hunter2\x1b", "hunter2\xff", "hunter2\x00"} {
		_, _, err := mergeSettings(entry, nil, map[string]string{"smtp_password": value}, rand.Reader)
		wantCode(t, agent.CodeInvalid, err)
		if err != nil && (!strings.Contains(err.Error(), "smtp_password") || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%.20q: %v", value, err)
		}
	}
	// To take back a setting that there is not is as wrong as to set it.
	settings, _, err := mergeSettings(entry, nil, map[string]string{"nobody": agent.Unset}, rand.Reader)
	check(t, err)
	if _, problems := entry.ResolveSettings(settings); len(problems) != 1 {
		t.Errorf("%v", problems)
	}
}

func TestAReferenceReadsItsOwnSettingsPasswordAndNoOther(t *testing.T) {
	entry := mailerEntry(t)
	passwords, _ := passwordsOf(entry, map[string]string{"smtp_password": "secret:aaaaaaaa", "api_key": "secret:aaaaaaaa"})
	if passwords["smtp_password"] == passwords["api_key"] {
		t.Errorf("%v", passwords)
	}
	for _, ref := range []string{"hunter2", "secret:", "secret:AAAAAAAA", "secret:aaaaaaaaa", "secret:../../..", "secret:aaaaaaaa\n", "xsecret:aaaaaaaa"} {
		passwords, problems := passwordsOf(entry, map[string]string{"smtp_password": ref})
		if len(passwords) > 0 || len(problems) != 1 || strings.Contains(problems[0].Error(), ref) {
			t.Errorf("%q: %v, %v", ref, passwords, problems)
		}
	}
}

func TestAPasswordThatIsGoneIsMissed(t *testing.T) {
	passwords := map[string]string{"a": "given_a_aaaaaaaa", "b": "given_b_bbbbbbbb"}
	v := &nomad.Variable{Items: map[string]string{"given_b_bbbbbbbb": "x", "given_a_cccccccc": "y"}}
	if got := lostPasswords(passwords, v); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%v", got)
	}
	if got := lostPasswords(passwords, nil); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%v", got)
	}
}

func TestAnInstallIsRememberedWithoutItsPasswords(t *testing.T) {
	d := &draft{intent: &Intent{Name: "mailer", Op: &Op{ID: "1"}}, entry: mailerEntry(t)}
	req := agent.InstallRequest{Entry: "mailer", Settings: map[string]string{"smtp_host": "mail", "smtp_password": "hunter2"}}
	note, err := json.Marshal(beginInstall(d, req))
	check(t, err)
	if strings.Contains(string(note), "hunter2") || !strings.Contains(string(note), "mail") {
		t.Errorf("%s", note)
	}
	if req.Settings["smtp_password"] != "hunter2" {
		t.Error("the request itself has lost it")
	}
}

func TestChangesAreNamedAndNotTold(t *testing.T) {
	got := changedWords(map[string]string{"a": "secret:aaaaaaaa", "b": "x", "c": "same"}, map[string]string{"a": "secret:bbbbbbbb", "c": "same"})
	if got != "changed a, b" {
		t.Error(got)
	}
}

func TestTheSettingsShowWhetherAPasswordIsGiven(t *testing.T) {
	for _, c := range configSettings(mailerEntry(t), map[string]string{"smtp_host": "mail", "smtp_password": "secret:aaaaaaaa"}) {
		want := agent.ConfigSetting{Name: c.Name, Title: c.Title, Type: c.Type, Given: c.Name == "smtp_password"}
		if c.Name == "smtp_host" {
			want.Value = "mail"
		}
		if c.Value != want.Value || c.Given != want.Given || c.Default != "" {
			t.Errorf("%+v", c)
		}
	}
}

func TestPasswordsThatFitNoVariableAreRefusedInWords(t *testing.T) {
	items := map[string]string{}
	for k := range 14 {
		items[strings.Repeat("k", k+1)] = strings.Repeat("x", 4<<10)
	}
	check(t, fits(items))
	items["one more"], items["and one"] = strings.Repeat("x", 4<<10), strings.Repeat("x", 4<<10)
	wantCode(t, agent.CodeInvalid, fits(items))
}

// Whatever stands where a reference should, it names an item of its own setting or none.
func FuzzPasswordKey(f *testing.F) {
	for _, ref := range []string{"secret:ab12cd34", "secret:", "secret:../../x", "hunter2", "secret:ab12cd34\n", ""} {
		f.Add("smtp_password", ref)
	}
	f.Fuzz(func(t *testing.T, name, ref string) {
		key := passwordKey(name, ref)
		if key != "" && (key != "given_"+name+"_"+strings.TrimPrefix(ref, "secret:") || len(ref) != len("secret:")+8) {
			t.Errorf("%q of %q names %q", ref, name, key)
		}
	})
}
