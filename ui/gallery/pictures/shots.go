package pictures

import (
	"fmt"

	"github.com/chromedp/chromedp"
)

// shot is a page as it is to be seen.
type shot struct {
	name, path    string
	width, height int64   // CSS pixels
	scale         float64 // of the picture's pixels in one of those
	schemes       []string
	steps         []chromedp.Action[chromedp.Void] // what is done once the page is there
}

var both = []string{"light", "dark"}

// phone is a page on a phone, in both schemes.
func phone(name, path string, steps ...chromedp.Action[chromedp.Void]) shot {
	return shot{name, path, 390, 780, 1.5, both, steps}
}

// wide is a page on a wide screen.
func wide(name, path string, steps ...chromedp.Action[chromedp.Void]) shot {
	return shot{name + "-wide", path, 1280, 800, 1, both[:1], steps}
}

func seen(css string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(css))
}

func tapped(css string) chromedp.Action[chromedp.Void] { return chromedp.Click(chromedp.CSS(css)) }

func typed(css, text string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(chromedp.CSS(css), text)
}

// holds waits until what a selector finds has a text.
func holds(css, text string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](fmt.Sprintf("document.querySelector(%q)?.textContent.includes(%q)", css, text))
}

// lacks waits until it does not.
func lacks(css, text string) chromedp.Action[chromedp.Void] {
	return chromedp.Poll[chromedp.Void](fmt.Sprintf("document.querySelector(%q)?.textContent.includes(%q) === false", css, text))
}

// shots are all pictures, in the order of docs/panel.md. ?state= names the gallery's
// cloud that is looked at, which it remembers otherwise.
func shots() []shot {
	drawn := chromedp.Poll[chromedp.Void](`document.querySelectorAll(".uplot canvas").length >= 2`)
	form := "#store-sheet form"
	return []shot{
		phone("first-run", "/welcome/first?state=empty", typed("#f-name", "ada"), typed("#f-password", "seven brass kettles on the moor"), seen("#strength.ok strong")),
		phone("sign-in", "/sign-in?state=calm", seen("form")),
		phone("home", "/?state=calm", seen(".tile")),
		wide("home", "/?state=calm", seen(".tile")),
		phone("store", "/store?state=calm", seen(".store-card")),
		wide("store", "/store?state=calm", seen(".store-card")),
		phone("sheet", "/store?state=calm&q=pocket", tapped(`a[data-sheet][href^="/store/pocketbase/"]`), seen(form), typed(form+` [type=email]`, "ada@example.org"), lacks(form, "must be given")),
		phone("installing", "/apps/nextcloud?state=well", seen(".stages")),
		phone("app", "/apps/miniflux?state=calm", seen("article.app"), drawn),
		wide("app", "/apps/miniflux?state=calm", seen("article.app"), drawn),
		phone("failed", "/apps/blog?state=well", seen("article.app")),
		phone("logs", "/apps/miniflux/logs?state=calm&q=GET", seen(".logs-lines li"), holds("[data-logs-status]", " of ")),
		phone("terminal", "/apps/miniflux/terminal?state=calm", seen(".xterm-rows"), holds(".xterm-rows", "$")),
		phone("by-hand", "/apps/miniflux/override?state=calm&example=1", tapped(`[formaction$="/override/plan"]`), seen(".diff")),
		phone("stores", "/settings/stores?state=calm", seen("main")),
		phone("foreign", "/store?state=calm&q=jellyfin&store=casaos", tapped("a[data-sheet]"), seen(form)),
		phone("machines", "/machines?state=well", seen("main")),
		wide("machines", "/machines?state=well", seen("main")),
		phone("people", "/people?state=calm", seen("main")),
		phone("activity", "/activity?state=well", seen("main")),
		phone("settings", "/settings?state=calm", seen("main")),
		phone("settings-cloud", "/settings/cloud?state=calm", seen("main")),
	}
}
