package web

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
)

const (
	// maxForm bounds what a form may send, in bytes.
	maxForm = 1 << 20
	// maxFields bounds how many things it may send: an app has a few dozen settings.
	maxFields = 1000
	// formTime is what it may take to arrive.
	formTime = 30 * time.Second
)

// readForm reads what was sent before anything is done with it, so that what is too
// large, broken or not text is refused and not taken for empty. JSON is left to the
// handler, which reads it with the same bound.
func (c *Ctx) readForm(upload bool) error {
	r := c.Echo.Request()
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if upload && err == nil && kind == "multipart/form-data" {
		return c.readUpload()
	}
	r.Body = http.MaxBytesReader(c.Echo.Response(), r.Body, maxForm)
	switch {
	case kind == "application/json" && err == nil:
		// Until the handler has read it, which has no more time than that itself.
		_ = http.NewResponseController(c.Echo.Response()).SetReadDeadline(time.Now().Add(formTime))
		return nil
	case kind == "application/x-www-form-urlencoded" && err == nil:
	case r.ContentLength == 0 && r.Header.Get("Content-Type") == "":
		r.PostForm, r.Form = url.Values{}, r.URL.Query()
		return nil
	default:
		return &statusError{http.StatusUnsupportedMediaType, agent.Errorf(agent.CodeInvalid, "the panel could not read what was sent").
			WithHint("forms are sent as application/x-www-form-urlencoded")}
	}
	control := http.NewResponseController(c.Echo.Response())
	// Not every writer has deadlines: a test's recorder has none.
	if control.SetReadDeadline(time.Now().Add(formTime)) == nil {
		defer control.SetReadDeadline(time.Time{})
	}
	err = r.ParseForm()
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig):
		return errTooBig()
	case err != nil:
		return errUnread()
	}
	return checkValues(r.PostForm)
}

// checkAddress refuses what a path or a query cannot be in a link of ours.
func checkAddress(u *url.URL) error {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil || !isText(u.Path) {
		return errUnread()
	}
	return checkValues(values)
}

func checkValues(values url.Values) error {
	count := 0
	for name, list := range values {
		if count += len(list); count > maxFields {
			return errTooBig()
		}
		if !isText(name) || !isText(strings.Join(list, "")) {
			return errUnread()
		}
	}
	return nil
}

// isText tells whether something is UTF-8 without a NUL, as all texts are that go into
// records, commands and pages.
func isText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func errUnread() error {
	return &statusError{http.StatusBadRequest, agent.Errorf(agent.CodeInvalid, "the panel could not read what was sent")}
}

func errTooBig() error {
	return &statusError{http.StatusRequestEntityTooLarge, agent.Errorf(agent.CodeInvalid, "that is more than the panel takes at once")}
}
