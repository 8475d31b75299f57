package panel

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// plugAuthenticator gives a window's browser a key of its own that always says yes.
func plugAuthenticator(t *testing.T, p *Page) {
	t.Helper()
	err := chromedp.Do(p.Context(), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPasskeyMadeInTheSettingsSignsInWithoutAPassword(t *testing.T) {
	p := owner(t, phoneWidth, phoneHeight, "/")
	plugAuthenticator(t, p)
	p.Tap("Settings")
	p.At("/settings")
	p.Accessible("settings")
	p.Tap("Passkeys")
	p.At("/settings/passkeys")
	p.Accessible("passkeys")
	p.Type("What it is called", "Ada's phone")
	p.Tap("Add a passkey")
	p.At("/settings")
	p.See("Passkeys One") // there is one
	p.Tap("Sign out")
	p.At("/sign-in")
	p.Accessible("sign-in")
	shoot(t, p, "sign-in")
	p.Tap("Use a passkey")
	p.At("/")
	p.See("Miniflux")

	// It stands in for the password where something dangerous is asked for, too.
	proofsEnd(t, p)
	p.Open(panelURL + "/settings/password")
	p.At("/sudo")
	p.Accessible("the proof of who it is")
	p.Tap("Use a passkey")
	p.At("/settings/password")
}

func TestAWrongPasswordIsToldInWordsAndTheNameStays(t *testing.T) {
	p := somebody(t, "/machines")
	p.At("/sign-in")
	p.Type("Name", ownerName)
	p.Type("Password", "seven brass kettles on the moon")
	p.Tap("Sign in")
	p.See("This name and password do not go together")
	p.Accessible("a sign-in that was refused")
	shoot(t, p, "sign-in-refused")
	p.Forgive("422")
	if name := p.Value(`document.querySelector("input[name=name]").value`); name != ownerName {
		t.Errorf("the name is %q", name)
	}
	p.Type("Password", ownerPassword)
	p.Tap("Sign in")
	p.At("/machines") // where they wanted to go
}
