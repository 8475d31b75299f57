package welcome

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed templates/welcome.html
var welcomeHTML string

//go:embed templates/missing.html
var missingHTML string

//go:embed templates/style.css
var styleCSS string

// DefaultHeadline is what the page says where nobody chose something else.
const DefaultHeadline = "Your cloud is running"

// WelcomeConfig is what the page says.
type WelcomeConfig struct {
	Headline string // at most 120 characters; DefaultHeadline if ""
	Domain   string // the pool's, "" if unknown
}

// WelcomeFromEnv reads DCLOUD_HEADLINE and DCLOUD_DOMAIN through a function such
// as os.Getenv.
func WelcomeFromEnv(getenv func(string) string) WelcomeConfig {
	return WelcomeConfig{Headline: getenv("DCLOUD_HEADLINE"), Domain: getenv("DCLOUD_DOMAIN")}
}

// Welcome serves the page at /, its health at /healthz ("ok"), and says in the
// same voice that there is nothing anywhere else. Pages are rendered once, here;
// it panics only where its own templates are broken, which a test rules out.
func Welcome(cfg WelcomeConfig) http.Handler {
	cfg.Headline = tidy(cfg.Headline, 120)
	if cfg.Headline == "" {
		cfg.Headline = DefaultHeadline
	}
	cfg.Domain = tidy(cfg.Domain, 253)
	page, missing := renderPage("welcome", welcomeHTML, cfg), renderPage("missing", missingHTML, cfg)
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { send(w, r, http.StatusOK, page) })
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {
		if !readOnly(w, r) {
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { send(w, r, http.StatusNotFound, missing) })
	return mux
}

// policy allows this page's own style and nothing else from anywhere.
var policy = func() string {
	sum := sha256.Sum256([]byte(styleCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

func renderPage(name, text string, cfg WelcomeConfig) []byte {
	t := template.Must(template.New(name).Parse(text))
	var b bytes.Buffer
	err := t.Execute(&b, struct {
		WelcomeConfig
		Style template.CSS
	}{cfg, template.CSS(styleCSS)})
	if err != nil {
		panic(fmt.Sprintf("render %s: %v", name, err))
	}
	return b.Bytes()
}

func send(w http.ResponseWriter, r *http.Request, status int, page []byte) {
	if !readOnly(w, r) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache") // the headline may change with the next start
	h.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	w.Write(page) // net/http leaves the body out for HEAD
}

func readOnly(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "this page can only be read", http.StatusMethodNotAllowed)
	return false
}

// tidy makes one line of valid text of at most so many characters.
func tidy(s string, most int) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if utf8.RuneCountInString(s) > most {
		s = strings.TrimSpace(string([]rune(s)[:most-1])) + "…"
	}
	return s
}
