package door

import (
	"net/url"
	"strings"
	"testing"
)

func TestWhatPeoplePasteForADomainIsUnderstood(t *testing.T) {
	for typed, want := range map[string]string{
		"ada.xyz": "ada.xyz", " Ada.XYZ. ": "ada.xyz", "https://ada.xyz/": "ada.xyz", "*.ada.xyz": "ada.xyz",
		"https://panel.ada.xyz:8443/x?y": "ada.xyz", "home.ada.co.uk": "home.ada.co.uk",
		"": "", "ada": "", "ada xyz": "", "-a.xyz": "", "a..b": "", "ada.xyz/path": "", "193.0.2.1:80": "",
	} {
		got, ok := cleanDomain(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v, want %q", typed, got, ok, want)
		}
	}
}

func FuzzCleanDomain(f *testing.F) {
	f.Add("https://panel.ada.xyz/")
	f.Fuzz(func(t *testing.T, typed string) {
		got, ok := cleanDomain(typed)
		if !ok {
			return
		}
		if u, err := url.Parse("https://panel." + got + "/"); err != nil || u.Hostname() != "panel."+got || strings.ToLower(got) != got {
			t.Errorf("%q is taken for %q", typed, got)
		}
	})
}
