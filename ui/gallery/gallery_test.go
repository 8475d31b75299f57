package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui"
)

func TestEveryPageAnswersInEveryStateToEveryRole(t *testing.T) {
	s := newStage(t.Context(), agent.RoleOwner, slog.New(slog.DiscardHandler))
	for _, state := range states {
		for _, role := range agent.Roles() {
			for _, path := range append(places(ui.Routes()), "/gallery") {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
				r.AddCookie(&http.Cookie{Name: stateCookie, Value: state.Name})
				r.AddCookie(&http.Cookie{Name: roleCookie, Value: role})
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				if w.Code == http.StatusInternalServerError {
					t.Errorf("%s to a %s, %s: %d", path, role, state.Name, w.Code)
				}
				if body := w.Body.String(); strings.Contains(body, " style=") || strings.Contains(body, " onclick=") || strings.Contains(body, "%!") {
					t.Errorf("%s has a style or a script inline, or a text with a hole", path)
				}
			}
		}
	}
}

func TestTheGalleryShowsEveryPart(t *testing.T) {
	s := newStage(t.Context(), agent.RoleOwner, slog.New(slog.DiscardHandler))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/gallery", nil))
	for _, want := range []string{`data-theme="dark"`, `data-theme="light"`, `class="ring`, `class="stages"`, `class="qr"`, `href="/machines/pi2"`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is missing", want)
		}
	}
}
