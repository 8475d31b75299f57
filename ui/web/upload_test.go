package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/dentropy/dcloud/agent"
)

// letter is a form with a file, and its content type.
func letter(t testing.TB, fields map[string]string, files ...[]byte) (string, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, content := range files {
		part, err := w.CreateFormFile("archive", "apps.zip")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(content)
	}
	_ = w.Close()
	return b.String(), w.FormDataContentType()
}

func TestAFileIsTakenOnlyWhereARouteSaysSoAndNoLargerThanItMayBe(t *testing.T) {
	var got []byte
	var name string
	takes := Route{Method: "POST", Path: "/takes", Action: agent.ActOwnAccount, Slow: true, Upload: true, Handle: func(c *Ctx) error {
		got, name = c.File("archive"), c.Value("name")
		return c.Done("/page", "")
	}}
	done := 0
	p := newPanel(t, page(agent.ActOwnAccount), takes, act(agent.ActOwnAccount, &done))
	_, token, _ := strings.Cut(form(p.do(ada, "GET", "/page", "")), "csrf=")
	ok := map[string]string{"csrf": token, "name": "mine"}
	whole, kind := letter(t, ok, []byte("PK files"))
	if w := p.do(ada, "POST", "/takes", whole, "Content-Type", kind); w.Code != http.StatusSeeOther || string(got) != "PK files" || name != "mine" {
		t.Errorf("%d, %q, %q", w.Code, got, name)
	}
	if w := p.do(ada, "POST", "/act", whole, "Content-Type", kind); w.Code != http.StatusUnsupportedMediaType || done > 0 {
		t.Errorf("a route that takes no files: %d", w.Code)
	}
	if w := p.do(ada, "POST", "/takes", form(p.do(ada, "GET", "/page", "")), "Content-Type", "application/x-www-form-urlencoded"); w.Code != http.StatusSeeOther {
		t.Errorf("a form without a file: %d", w.Code)
	}
	for what, c := range map[string]struct {
		fields map[string]string
		files  [][]byte
		cut    int
		status int
	}{
		"no token":           {map[string]string{"name": "mine"}, [][]byte{[]byte("x")}, 0, 403},
		"a wrong token":      {map[string]string{"csrf": strings.Repeat("A", 64)}, nil, 0, 403},
		"too large a file":   {ok, [][]byte{make([]byte, maxFile+1)}, 0, 413},
		"too large a field":  {map[string]string{"csrf": token, "name": strings.Repeat("a", maxForm+1)}, nil, 0, 413},
		"two files":          {ok, [][]byte{[]byte("x"), []byte("y")}, 0, 413},
		"broken off":         {ok, [][]byte{[]byte("x")}, 20, 400},
		"no text in a field": {map[string]string{"csrf": token, "name": "\xff\xfe"}, nil, 0, 400},
	} {
		got = nil
		body, kind := letter(t, c.fields, c.files...)
		if w := p.do(ada, "POST", "/takes", body[:len(body)-c.cut], "Content-Type", kind); w.Code != c.status || got != nil {
			t.Errorf("%s: %d, want %d", what, w.Code, c.status)
		}
	}
}

func FuzzAFormWithAFile(f *testing.F) {
	body, _ := letter(f, map[string]string{"csrf": "x"}, []byte("y"))
	f.Add(body, strings.TrimPrefix(strings.SplitN(body, "\r\n", 2)[0], "--"))
	f.Add("--b\r\n\r\n--b--\r\n", "b")
	f.Fuzz(func(t *testing.T, body, boundary string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", `multipart/form-data; boundary="`+boundary+`"`)
		c := &Ctx{Echo: echo.New().NewContext(r, httptest.NewRecorder())}
		if err := c.readForm(true); err != nil {
			return
		}
		for name, values := range c.Echo.Request().PostForm {
			if !isText(name + strings.Join(values, "")) {
				t.Errorf("%q: %q", name, values)
			}
		}
		if len(c.files) > 1 {
			t.Error("more than one file")
		}
	})
}

func TestWhatIsSlowHasMinutesAndAPageHalfOfOne(t *testing.T) {
	var end time.Time
	tells := func(path string, slow, upload bool) Route {
		return Route{Method: "GET", Path: path, Action: agent.ActOwnAccount, Slow: slow, Upload: upload, Handle: func(c *Ctx) error {
			end, _ = c.Context().Deadline()
			return c.Echo.NoContent(http.StatusNoContent)
		}}
	}
	p := newPanel(t, tells("/page", false, false), tells("/slow", true, false), tells("/file", true, true))
	for path, most := range map[string]time.Duration{"/page": pageTime, "/slow": slowTime, "/file": slowTime + uploadTime} {
		before := time.Now()
		if p.do(ada, "GET", path, ""); end.Before(before.Add(most)) || end.After(time.Now().Add(most)) {
			t.Errorf("%s has until %s, asked at %s", path, end, before)
		}
	}
}
