package manifest

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestUp(t *testing.T) {
	cloud.Must(t, "up")
	cloud.Must(t, "app", "remove", "welcome", "--purge-data")
	folder, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	cloud.Must(t, "catalog", "store", "add", folder, "--name", "mine", "--format", "dcloud")
}

// inDB runs a line in the container of the service db.
func inDB(t *testing.T, line string) string {
	t.Helper()
	return strings.TrimSpace(cloud.Must(t, "app", "exec", "chain", "--service", "db", "--", "sh", "-c", line))
}

func TestWhatRunsOnceRunsAfterItsDatabaseAndBeforeTheRest(t *testing.T) {
	a := cloud.DcloudWith(t, "hunter2\n", "app", "install", "mine/chain", "--set", "smtp_password=@-")
	if a.Code != 0 {
		t.Fatalf("%s%s", a.Stdout, a.Stderr)
	}
	if got := inDB(t, "redis-cli get migrations"); got != "1" {
		t.Errorf("it ran %q times", got)
	}
	for _, s := range cloud.App(t, "chain").Services {
		want := "running"
		if s.Name == "migrate" {
			want = "done"
		}
		if s.State != want {
			t.Errorf("service %s is %s, want %s", s.Name, s.State, want)
		}
		if s.Name == "web" && s.Restarts > 0 {
			t.Errorf("web came too early, %d times", s.Restarts)
		}
	}
	cloud.Must(t, "app", "restart", "chain")
	if got := inDB(t, "redis-cli get migrations"); got != "1" { // it keeps no data
		t.Errorf("after a restart it ran %q times", got)
	}
}

func TestServicesFindEachOtherByName(t *testing.T) {
	hosts := inDB(t, "cat /etc/hosts")
	for _, name := range []string{"web", "db"} {
		if !regexp.MustCompile(`(?m)^127\.0\.0\.1\s+` + name + `$`).MatchString(hosts) {
			t.Errorf("%s is not among the hosts:\n%s", name, hosts)
		}
	}
	if dir := inDB(t, "pwd"); dir != "/tmp" {
		t.Errorf("it runs in %s", dir)
	}
}

func TestAPasswordReachesTheAppAndNobodyElse(t *testing.T) {
	environment := inDB(t, "env")
	for _, want := range []string{`(?m)^SMTP_PASSWORD=hunter2$`, `(?m)^APP_KEY=[A-Za-z0-9+/]{43}=$`, `(?m)^ID=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`} {
		if !regexp.MustCompile(want).MatchString(environment) {
			t.Errorf("%s is not in the environment:\n%s", want, environment)
		}
	}
	if strings.Contains(environment, "SMTP_HOST") {
		t.Errorf("what is null is there:\n%s", environment)
	}
	if file := inDB(t, "cat /etc/mail.conf"); file != "password=hunter2" {
		t.Errorf("the file is %q", file)
	}
	told := cloud.Must(t, "app", "config", "chain", "--json") + cloud.Must(t, "app", "status", "chain", "--json") +
		cloud.Must(t, "app", "export", "chain") + cloud.Must(t, "app", "secrets", "chain", "--reveal", "--json") + cloud.Must(t, "app", "plan", "chain", "--json")
	if strings.Contains(told, "hunter2") || !strings.Contains(told, `"given": true`) {
		t.Errorf("what is told of it:\n%s", told)
	}
}

func TestAPasswordIsReplacedAndTakenAway(t *testing.T) {
	if a := cloud.DcloudWith(t, "hunter3", "app", "config", "chain", "--set", "smtp_password=@-", "--set", "smtp_host=mail"); a.Code != 0 {
		t.Fatalf("%s%s", a.Stdout, a.Stderr)
	}
	if got := inDB(t, "echo $SMTP_HOST $SMTP_PASSWORD"); got != "mail hunter3" {
		t.Errorf("it has %q", got)
	}
	cloud.Must(t, "app", "config", "chain", "--unset", "smtp_password")
	if got := inDB(t, "echo \"<$SMTP_PASSWORD>\""); got != "<>" {
		t.Errorf("it has %q", got)
	}
	cloud.Must(t, "app", "remove", "chain", "--purge-data")
}
