package panel

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func TestLogsComeLiveAreSearchedAndDownloaded(t *testing.T) {
	p := owner(t, wideWidth, wideHeight, "/apps/miniflux")
	p.See("Running")
	p.Accessible("an app's page")
	shoot(t, p, "app")
	p.Tap("Logs")
	p.At("/apps/miniflux/logs")
	p.See("ready to accept connections")
	p.Accessible("logs")
	shoot(t, p, "logs")

	// A line that nobody wrote before: the database complains about it by name.
	mark := fmt.Sprintf("no_such_table_%d", os.Getpid())
	server.Dcloud(t, "app", "exec", "miniflux", "--service", "db", "--", "psql", "-U", "miniflux", "-c", "select * from "+mark)
	p.See(mark)

	p.Type("Search these lines", mark)
	p.Await("only lines with it are left", fmt.Sprintf(`(() => {
		const lines = [...document.querySelectorAll("[data-logs-lines] li")];
		return lines.length > 0 && lines.every((l) => l.querySelector("mark")?.textContent === %q);
	})()`, mark))
	p.Choose("Part", "web")
	p.Await("the other part wrote nothing of it", `document.querySelectorAll("[data-logs-lines] li").length === 0`)

	p.Choose("Part", "db")
	p.See(mark)
	dir := t.TempDir()
	allowDownloads(t, p, dir)
	p.Tap("Download")
	Await(t, "the file is there", PageTime, func() error {
		files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
		if err != nil || len(files) != 1 {
			return fmt.Errorf("%q %v", files, err)
		}
		text, err := os.ReadFile(files[0])
		if err == nil && !strings.Contains(string(text), mark) {
			err = fmt.Errorf("it has not the line: %s", Clip(string(text)))
		}
		return err
	})
}

// allowDownloads lets a window's browser keep files in a folder.
func allowDownloads(t *testing.T, p *Page, dir string) {
	t.Helper()
	behaviour := cdpbrowser.SetDownloadBehaviorParams{Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir}
	if _, err := chromedp.CallBrowser[cdpbrowser.SetDownloadBehaviorParams, cdp.Empty](p.Context(), cdpbrowser.SetDownloadBehavior, behaviour); err != nil {
		t.Fatal(err)
	}
}

func TestATerminalAnswersWhatIsTyped(t *testing.T) {
	p := owner(t, wideWidth, wideHeight, "/apps/miniflux")
	p.Tap("Terminal")
	p.At("/apps/miniflux/terminal")
	p.See("A shell in ") // the first part's; nothing on the page moves any more
	p.Choose("Part", "db")
	p.Tap("Go there")
	p.See("A shell in db.")
	p.Press("echo $((6*7))-kettles; whoami\r")
	p.See("42-kettles")
	p.Accessible("a terminal")
	shoot(t, p, "terminal")
	p.Press("exit\r")
	p.Tap("New shell")
	p.See("A shell in db.")
}

func TestAnAppIsStoppedStartedAndStartedAnew(t *testing.T) {
	const url = "http://hello.dcloud.localhost/"
	p := owner(t, phoneWidth, phoneHeight, "/apps/hello")
	p.Tap("Stop")
	p.See("Whoami is stopped.")
	p.Accessible("a stopped app")
	Await(t, "nobody answers", HealTime, func() error {
		if code, _, err := server.Get(url); err != nil || code != http.StatusNotFound {
			return fmt.Errorf("%d %v", code, err)
		}
		return nil
	})
	p.Tap("Start it")
	p.Gone("Whoami is stopped.")
	p.See("Running")
	server.AwaitRoute(t, url)
	began := server.App(t, "hello")
	p.Tap("Start anew")
	Await(t, "another container runs", HealTime, func() error {
		if now := server.App(t, "hello"); now.State != "running" || fmt.Sprint(now.Services) == fmt.Sprint(began.Services) {
			return fmt.Errorf("%+v", now)
		}
		return nil
	})
	p.See("Running")

	p.Tap("Advanced")
	p.At("/apps/hello/advanced")
	p.See(whoamiImage)        // of its services, and in the job
	p.See("What was changed") // by whom
	p.Accessible("what is under an app")
}

func TestASettingIsChangedAndAWrongOneIsToldAtItsField(t *testing.T) {
	p := owner(t, phoneWidth, phoneHeight, "/apps/second/settings")
	p.Accessible("an app's settings")
	p.Tap("More settings")
	p.Type("Minutes between looks at a feed", "1")
	p.Tap("Save and start anew")
	p.Await("it is told at the field", `document.querySelector("#f-set-polling_minutes[aria-invalid=true]")?.value === "1"`)
	p.Accessible("a setting that was refused")
	p.Forgive("422")
	p.Type("Minutes between looks at a feed", "15")
	p.Tap("Save and start anew")
	p.At("/apps/second")
	p.See("Saved. Miniflux starts anew with it.")
	p.SeeWithin("Running", HealTime)
	Await(t, "the app has the setting", HealTime, func() error {
		a := server.Dcloud(t, "app", "exec", "second", "--", "printenv", "POLLING_FREQUENCY")
		if got := strings.TrimSpace(a.Stdout); got != "15" {
			return fmt.Errorf("%q %s", got, a.Stderr)
		}
		return nil
	})
}

func TestPasswordsAreShownToWhoProvesWhoTheyAre(t *testing.T) {
	secrets := Decode[map[string]string](t, server.Must(t, "app", "secrets", "miniflux", "--reveal", "--json"))
	password := secrets["admin_password"]
	if password == "" {
		t.Fatalf("the app has no password: %v", secrets)
	}
	p := owner(t, phoneWidth, phoneHeight, "/apps/miniflux/settings")
	if strings.Contains(p.Text(), password) {
		t.Error("the password is on the page before anybody asked")
	}
	proofsEnd(t, p)
	p.Tap("Show them")
	prove(p, ownerPassword)
	p.At("/apps/miniflux/settings")
	p.Tap("Show them")
	p.See(password)
	p.Accessible("passwords of an app")
}
