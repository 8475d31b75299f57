package panel

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func write(p *Page, text string) {
	p.Value(fmt.Sprintf(`(() => { const a = document.querySelector("#override-text"); a.value = %q; a.dispatchEvent(new Event("input", {bubbles: true})); return true })()`, text))
}

func TestAnAppIsChangedByHandLookedAtFirstAndPutRightAtItsLine(t *testing.T) {
	p := owner(t, phoneWidth, phoneHeight, "/apps/miniflux/advanced")
	p.See("For Nomad's command line (HCL)")
	p.Tap("Change something by hand")
	p.At("/apps/miniflux/override")
	p.Tap("Begin with an example")
	p.See("An example: change it")
	p.Accessible("the editor")
	p.Tap("See what it would change")
	p.See("Miniflux would start anew.")
	p.See("LOG_LEVEL")
	p.Accessible("a plan with its difference")

	write(p, "job \"miniflux\" {\n  group \"miniflux\" {\n    task \"weB\" {\n      env {\n        A = \"b\"\n      }\n    }\n  }\n}\n")
	p.Tap("Apply")
	p.See("There is no task weB in group miniflux.")
	p.Await("the line is marked", `document.querySelector(".editor-gutter span:nth-child(3)[data-wrong=error]") && document.activeElement.id === "override-text"`)
	p.Forgive("422")

	write(p, "job \"miniflux\" {\n  group \"miniflux\" {\n    task \"web\" {\n      config {\n        devices = [{ host_path = \"/dev/null\", container_path = \"/dev/none\" }]\n      }\n    }\n  }\n}\n")
	p.Tap("Apply")
	p.See("Allow what breaks out of the container")
	p.Forgive("422")

	write(p, "job \"miniflux\" {\n  group \"miniflux\" {\n    task \"web\" {\n      env {\n        BY_HAND = \"yes\"\n      }\n    }\n  }\n}\n")
	p.Tap("Apply")
	p.At("/apps/miniflux")
	p.SeeWithin("Running", HealTime)
	Await(t, "the app has the variable", HealTime, func() error {
		a := server.Dcloud(t, "app", "exec", "miniflux", "--", "printenv", "BY_HAND")
		if got := strings.TrimSpace(a.Stdout); got != "yes" {
			return fmt.Errorf("%q %s", got, a.Stderr)
		}
		return nil
	})
	p.Open(panelURL + "/apps/miniflux/advanced")
	p.See("The job is changed by hand.")
}

func TestAStoreOfAFileIsAddedAndItsAppSaysWhereItComesFrom(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "catalog", "apps", "whoami.hcl"))
	if err != nil {
		text, err = os.ReadFile(filepath.Join("..", "..", "..", "..", "catalog", "apps", "whoami", "app.hcl"))
	}
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, _ := z.Create("whoami/app.hcl")
	_, _ = f.Write(text)
	_ = z.Close()
	p := owner(t, phoneWidth, phoneHeight, "/settings/stores")
	p.See("Stores of others")
	p.Value(fmt.Sprintf(`(() => { const raw = atob(%q), bytes = Uint8Array.from(raw, (c) => c.charCodeAt(0)), d = new DataTransfer();
		d.items.add(new File([bytes], "apps.zip", {type: "application/zip"})); document.querySelector("#f-archive").files = d.files; return true })()`, base64.StdEncoding.EncodeToString(b.Bytes())))
	p.Tap("Its name and kind")
	p.Type("What to call it", "friends")
	p.Tap("Add it")
	p.At("/settings/stores/friends")
	p.See("The store friends is there.")
	p.Accessible("a store's page")
	p.Tap("See its apps")
	p.See("from the store friends")
	p.Open(panelURL + "/store/friends/whoami")
	p.See("comes from the store friends, not from us")
	p.Open(panelURL + "/store/friends/whoami/install")
	p.See("It will run on")
	p.Accessible("the install of an app of a store")
}
