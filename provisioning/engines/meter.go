package engines

import (
	"fmt"
	"strings"
	"time"

	"github.com/dentropy/dcloud/provisioning"
)

// meter turns amounts into percent and time left, and thins them out: not more
// than five a second, or a fast download would draw more than it loads.
type meter struct {
	progress Progress
	now      func() time.Time
	began    time.Time
	last     time.Time
}

func newMeter(progress Progress) *meter {
	return &meter{progress: progress, now: time.Now}
}

// at tells that fraction (0 to 1, below 0 where it is unknown) is done.
func (m *meter) at(message string, fraction float64) {
	now := m.now()
	if m.began.IsZero() {
		m.began = now
	}
	if now.Sub(m.last) < 200*time.Millisecond && fraction < 1 {
		return
	}
	m.last = now
	p := provisioning.Progress{Message: message, Percent: -1}
	if fraction >= 0 {
		fraction = min(fraction, 1)
		p.Percent = int(fraction * 100)
		// The first seconds say nothing yet about the rest.
		if spent := now.Sub(m.began); spent > 2*time.Second && fraction > 0.02 {
			p.ETA = time.Duration(float64(spent) * (1 - fraction) / fraction).Round(time.Second)
		}
	}
	m.progress(p)
}

// download is a transport's onBody for archives: checksums and signatures are
// too small to be told.
func (m *meter) download(archiveSuffix string) func(url string, got, total int64) {
	return func(url string, got, total int64) {
		if !strings.HasSuffix(url, archiveSuffix) && total < 1<<20 {
			return
		}
		if total <= 0 {
			m.at(fmt.Sprintf("downloading: %d MB", got>>20), -1)
			return
		}
		m.at(fmt.Sprintf("downloading: %d of %d MB", got>>20, total>>20), float64(got)/float64(total))
	}
}
