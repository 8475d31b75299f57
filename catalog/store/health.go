package store

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func (im *importer) readHealth(s *service) {
	s.v.ignore("exclude_from_hc") // Coolify's: whether it counts for the app's state
	n := s.v.get("healthcheck")
	if n == nil {
		im.note(Info, s.name, "health", "the manifest has no check of it: it counts as well while its port takes connections")
		return
	}
	v := viewOf(n)
	v.ignore("retries", "start_period", "start_interval") // no check of ours kills
	if v.flag("disable") {
		im.note(Info, s.name, "health", "its check is switched off: it counts as well while its port takes connections")
		return
	}
	h := &healthOf{interval: im.seconds(v.text("interval")), timeout: im.seconds(v.text("timeout"))}
	h.command = im.healthCommand(s, v.get("test"))
	im.leftovers(v, s.name, "healthcheck")
	if len(h.command) == 0 || strings.TrimSpace(h.command[0].plain()) == "" && h.command[0].isLiteral() {
		return
	}
	if says(h.command) {
		im.note(Changed, s.name, "health", "its check only said yes: it counts as well while its port takes connections")
		return
	}
	s.health = h
}

func (im *importer) healthCommand(s *service, test *node) []text {
	if test == nil {
		im.note(Info, s.name, "health", "its image may have a check, which is not known here: it counts as well while its port takes connections")
		return nil
	}
	if test.kind == scalar {
		if test.text() == "NONE" {
			return nil
		}
		return []text{literal("sh"), literal("-c"), im.argument(test.text())}
	}
	items := test.list()
	if len(items) == 0 {
		return nil
	}
	var words []text
	for _, item := range items[1:] {
		words = append(words, im.argument(item.text()))
	}
	switch items[0].text() {
	case "NONE":
		return nil
	case "CMD":
		return words
	case "CMD-SHELL":
		return []text{literal("sh"), literal("-c"), join(words...)}
	}
	return append([]text{im.argument(items[0].text())}, words...) // people forget the CMD
}

// says tells a check that is none: echo, true, exit 0.
func says(command []text) bool {
	first := command[0].plain()
	if len(command) == 3 && isShell(command) {
		first = strings.TrimSpace(command[2].plain())
	}
	return first == "echo" || first == "true" || first == "exit 0" || strings.HasPrefix(first, "echo ") && !strings.ContainsAny(first, "|&;>")
}

var (
	// asksHTTP is a check that asks a page of the container itself, and no more than that.
	asksHTTP = regexp.MustCompile(`^(?:curl|wget)(?:\s+(?:-[A-Za-z]+|--(?:fail|silent|show-error|spider|quiet|no-verbose|tries=\d+|no-check-certificate|output-document=\S+|timeout=\d+|max-time[ =]\d+)|-O-?|-|-o|/dev/null|--output|\d+))*\s+["']?(https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])[^\s"']*)["']?(?:\s+(?:-[A-Za-z]+|--spider|--silent|--fail|>\s*/dev/null|2>&1))*\s*(?:\|\|\s*(?:exit 1|false|return 1|kill 1))?\s*$`)
)

// healthPath is the page that a check asks for, if that is all it does, and at the
// port that is exposed. The front door's own check then asks it, which needs no
// curl in the container.
func healthPath(h *healthOf, port int) (string, bool) {
	if !anyOf(h.command, text.isLiteral) || anyOf(h.command, func(t text) bool { return !t.isLiteral() }) {
		return "", false
	}
	var words []string
	for _, w := range h.command {
		words = append(words, w.plain())
	}
	line := strings.Join(words, " ")
	if isShell(h.command) {
		line = strings.TrimSpace(words[2])
	}
	m := asksHTTP.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	u, err := url.Parse(m[1])
	if err != nil || u.Scheme != "http" || u.RawQuery != "" || u.Path == "" || u.Path == "/" || path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") && u.Path != "/" {
		return "", false // a root page often leads elsewhere, which curl takes for well
	}
	asked := u.Port()
	if asked == "" {
		asked = "80"
	}
	if asked != strconv.Itoa(port) || strings.ContainsAny(u.Path, " \\\"`#") {
		return "", false
	}
	return u.Path, true
}

var askedPort = regexp.MustCompile(`(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\x60hostname\x60|\$\{?HOSTNAME\}?)(?::|/)(\d{2,5})`)

// seconds reads a duration as Compose writes it: 1m30s. A bare number is seconds.
func (im *importer) seconds(s string) int {
	s = strings.TrimSpace(im.constant(s))
	if s == "" {
		return 0
	}
	if n := number(s); n > 0 {
		return min(n, 24*3600)
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0
	}
	return int(min(max(d, time.Second), 24*time.Hour) / time.Second)
}
