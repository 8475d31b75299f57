package panel

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// stageTime is how long after it happened a stage may be seen at the latest.
const stageTime = time.Second

// watch notes from now on what an app's page says, and when.
func watch(p *Page) {
	p.Await("the page is there", `(() => {
		const main = document.querySelector("article.app");
		if (!main) return false;
		window.dcloudSaw = [];
		const note = () => window.dcloudSaw.push({ at: performance.timeOrigin + performance.now(), text: main.innerText });
		new MutationObserver(note).observe(main, { subtree: true, childList: true, characterData: true, attributes: true });
		note();
		return true;
	})()`)
}

// saw is what a watched page said at a time, in milliseconds.
type saw struct {
	At   float64
	Text string
}

// seenInTime holds what a page that is watched showed of an install against when it
// happened, as Nomad noted it.
func seenInTime(t *testing.T, p *Page) {
	t.Helper()
	text, _ := p.Value("JSON.stringify(window.dcloudSaw)").(string)
	var page []saw
	if err := json.Unmarshal([]byte(text), &page); err != nil || len(page) == 0 {
		t.Fatalf("the page noted nothing: %v", err)
	}
	var allocs []struct {
		TaskStates map[string]struct {
			Events []struct {
				Type string
				Time int64
			}
		}
	}
	newEngines(t).nomad("/v1/job/second/allocations", &allocs)
	told := 0
	var worst time.Duration
	for _, a := range allocs {
		for task, state := range a.TaskStates {
			for _, e := range state.Events {
				happened := time.Unix(0, e.Time)
				if e.Type != "Started" || happened.Before(milliseconds(page[0].At)) {
					continue // from before the page was looked at
				}
				for _, s := range page {
					if !strings.Contains(s.Text, task+" started") {
						continue
					}
					late := milliseconds(s.At).Sub(happened)
					told, worst = told+1, max(worst, late)
					t.Logf("%s started in Nomad, and %s later the page said so", task, late.Round(time.Millisecond))
					break
				}
			}
		}
	}
	if told == 0 {
		t.Errorf("nothing that happened in Nomad was seen on the page: %s", text)
	}
	if worst > stageTime {
		t.Errorf("a stage was seen %s after it happened, which is more than %s", worst, stageTime)
	}
}

func milliseconds(since1970 float64) time.Time { return time.UnixMicro(int64(since1970 * 1000)) }
