package main

import "fmt"

// scene is a page in a state that one has to do something for.
type scene struct {
	name              string
	state, role, path string
	steps             []step
}

// step is a script: one that stays on the page (wait for what it brings about), or one
// that leads to another. What is under way in the cloud goes on by steps alone.
type step struct {
	script string
	leads  bool
	moves  bool // afterwards the cloud takes one step
}

// helpers are what the steps are written with.
const helpers = `
const $ = (css) => { const e = document.querySelector(css); if (!e) throw new Error("nothing is " + css); return e; };
const until = (what) => new Promise((done, gone) => {
	const end = performance.now() + 240_000; // before the test's own patience ends, to say for what
	const look = () => {
		let there = false, why = "";
		try { there = what(); } catch (e) { why = ": " + e; } // not there yet
		there ? done() : performance.now() > end ? gone(new Error("waited in vain for " + what + why)) : setTimeout(look, 10);
	};
	look();
});
const put = (fields, within = document) => { for (const [name, value] of Object.entries(fields)) {
	const all = [...within.querySelectorAll('[name="' + name + '"]')].filter((e) => e.type !== "hidden");
	if (!all.length) throw new Error("there is no field " + name);
	for (const e of all) {
		if (e.type === "radio") e.checked = e.value === value;
		else if (e.type === "checkbox") e.checked = !!value;
		else e.value = value;
	}
	all[0].dispatchEvent(new Event("input", { bubbles: true }));
} };
const send = (css, fields = {}) => { const form = $(css); put(fields, form); form.noValidate = true; form.requestSubmit(); };
const unfold = () => document.querySelectorAll("details").forEach((d) => (d.open = true));
`

func stays(script string) step { return step{script: script} }
func leads(script string) step { return step{script: script, leads: true} }
func moves(script string) step { return step{script: script, moves: true} }

// sends fills the form that posts to an action, and waits for the page that comes.
func sends(action, fields string) step {
	return leads(fmt.Sprintf(`send('form[action^="%s"]', %s)`, action, fields))
}

func unfolded() step { return stays("unfold()") }

const longPassword = "correct horse battery staple"

// unproven stands for an owner who has not shown of late who it is.
const unproven = "unproven"

// scenes are all states that a page's address alone does not lead to.
func scenes() []scene {
	in := func(name, role, path string, steps ...step) scene { return scene{name, "well", role, path, steps} }
	failing := func(name, path string, steps ...step) scene { return scene{name, "failing", "owner", path, steps} }
	return []scene{
		in("signing in refused", "nobody", "/sign-in", sends("/sign-in", `{name: "ada", password: "wrong"}`)),
		in("signing in, help open", "nobody", "/sign-in", unfolded()),
		in("a code beside the password", "nobody", "/sign-in", sends("/sign-in", `{name: "hedy", password: "`+longPassword+`"}`)),
		in("first run, refused", "nobody", "/welcome/first", sends("/welcome", `{name: "Ada Lovelace", password: "short", where: "own"}`)),
		in("first run, password weighed", "nobody", "/welcome/first", stays(`put({password: "`+longPassword+`"}); await until(() => $("#strength").childElementCount)`)),
		in("joining, refused", "nobody", "/join/invite", sends("/join", `{password: "short"}`)),
		in("a link that does not work", "nobody", "/join/none"),
		in("a first link that does not work", "nobody", "/welcome/none"),
		in("not signed in", "nobody", "/machines"),
		in("is it you", unproven, "/settings/password"),
		in("is it you, refused", unproven, "/sudo", sends("/sudo", `{password: "wrong"}`)),

		in("a tile's menu", "owner", "/", stays(`$(".home-more").click(); await until(() => document.querySelector(":popover-open"))`)),
		in("more things", "owner", "/", unfolded()),
		in("the network is away", "owner", "/", stays(`dispatchEvent(new Event("offline")); await until(() => !$("#offline").hidden)`)),

		in("install sheet", "owner", "/store?q=pocketbase", stays(`$("a[data-sheet]").click(); await until(() => document.querySelector("dialog[open] form"))`), unfolded()),
		in("install sheet, refused", "owner", "/store?q=pocketbase", stays(`$("a[data-sheet]").click(); await until(() => document.querySelector("dialog[open] form"));
			unfold(); send("dialog form", {name: "Not A Name"}); await until(() => document.querySelector("dialog [aria-invalid]"))`)),
		in("an entry's install form", "owner", "/store/wordpress/install", unfolded()),
		in("an install form, refused", "owner", "/store/wordpress/install", sends("/store/", `{name: "Not A Name"}`)),
		in("an install begun", "owner", "/store/pocketbase/install", sends("/store/", `{}`)),
		failing("an install that fails at once", "/store/pocketbase/install", sends("/store/", `{}`)),
		in("found nothing", "owner", "/store?q=zzzz"),
		in("what does not fit", "owner", "/store?q=nextcloud"),

		in("an entry of a store, unfolded", "owner", "/store/casaos/jellyfin", unfolded()),
		in("an entry of a store, not read", "owner", "/store/casaos/jellyfin/install", sends("/store/", `{}`), unfolded()),
		in("an entry of a store in a sheet", "owner", "/store?q=jellyfin&store=casaos", stays(`$("a[data-sheet]").click(); await until(() => document.querySelector("dialog[open] form"));
			if (!$("dialog .install-go").disabled) throw new Error("it can be installed unread"); $("#f-read").click(); if ($("dialog .install-go").disabled) throw new Error("it stays locked")`), unfolded()),
		in("an install that fits nowhere", "owner", "/store/wordpress/install?x=blocked"),
		in("changes by hand, an example", "owner", "/apps/miniflux/override?example=1", stays(`await until(() => document.querySelectorAll(".editor-gutter span").length > 5)`)),
		in("changes by hand, looked at", "owner", "/apps/miniflux/override?example=1", stays(`$('[formaction$="/override/plan"]').click(); await until(() => document.querySelector(".diff"))`)),
		in("changes by hand, without room", "owner", "/apps/miniflux/override", stays(`put({text: "memory = 99999"}); $('[formaction$="/override/plan"]').click(); await until(() => document.querySelector(".verdict-why"))`)),
		in("changes by hand, wrong", "owner", "/apps/miniflux/override?example=1", stays(`put({text: $("textarea").value + "\n  wrong {\n"}); $(".override-form .primary").click();
			await until(() => document.querySelector(".editor-gutter [data-wrong]")); if (document.activeElement !== $("textarea")) throw new Error("the focus is elsewhere")`)),
		in("changes by hand, to be allowed", "owner", "/apps/miniflux/override", stays(`put({text: "job {\n  network_mode = 1\n}"}); $(".override-form .primary").click(); await until(() => document.querySelector("[name=allow]"))`)),
		in("changes by hand, to be proven", unproven, "/apps/syncthing/override", stays(`put({text: $("textarea").value + "\n"}); $(".override-form .primary").click(); await until(() => document.querySelector('[href^="/sudo"]'))`)),
		in("changes by hand that do not fit", "owner", "/apps/files/override", stays(`await until(() => document.querySelector(".editor-gutter [data-wrong]"))`)),
		in("changes by hand, on their page", "owner", "/apps/syncthing/advanced", stays(`const tab = $("#app-tabs [aria-current]").getBoundingClientRect();
			if (tab.left < 0 || tab.right > innerWidth) throw new Error("the tab of the page is out of sight")`), unfolded()),
		failing("changes by hand that fail", "/apps/miniflux/override?example=1", stays(`$(".override-form .primary").click(); await until(() => document.querySelector("#override-result .message"))`)),
		in("what an app reaches", "owner", "/apps/syncthing", unfolded()),
		in("a risky tile's menu", "owner", "/", stays(`$("#tile-syncthing .home-more").click(); await until(() => document.querySelector(":popover-open"))`)),
		in("settings looked at", "owner", "/apps/miniflux/settings", stays(`put({"set-admin_email": "ada@example.org", "set-language": "de"}); $('[formaction$="/settings/plan"]').click(); await until(() => document.querySelector(".diff"))`)),
		in("stores, all open", "owner", "/settings/stores", unfolded()),
		in("a store refused", "owner", "/settings/stores", unfolded(), sends("/settings/stores", `{url: "https://fail.example", name: "mine"}`)),
		in("a store added", "owner", "/settings/stores", unfolded(), sends("/settings/stores", `{url: "https://git.example/mine.git", name: "mine"}`)),
		in("a store, all open", "owner", "/settings/stores/casaos", unfolded()),
		failing("a store that is not read", "/settings/stores/casaos", sends("/settings/stores/casaos/sync", `{}`)),

		in("settings refused", "owner", "/apps/miniflux/settings", sends("/apps/miniflux/settings", `{}`)),
		failing("settings that fail", "/apps/files/settings", sends("/apps/files/settings", `{}`)),
		in("passwords shown", "owner", "/apps/miniflux/settings", sends("/apps/miniflux/secrets", `{}`)),
		in("an app's removal refused", "owner", "/apps/miniflux/remove", sends("/apps/miniflux/remove", `{confirm: "other"}`)),
		in("logs searched", "owner", "/apps/miniflux/logs?q=a"),
		in("logs without a hit", "owner", "/apps/miniflux/logs?q=zzzz"),
		in("a day of an app", "owner", "/apps/miniflux?range=day", stays(`await until(() => document.querySelector(".chart-plot canvas"))`)),
		in("a terminal in use", "owner", "/apps/miniflux/terminal", stays(`await until(() => $(".xterm-rows").textContent.includes("$"));
			const paste = new DataTransfer(); paste.setData("text/plain", "ls -l\r");
			$(".xterm-helper-textarea").dispatchEvent(new ClipboardEvent("paste", { clipboardData: paste, bubbles: true }));
			await until(() => $(".xterm-rows").textContent.includes("ls -l"))`)),
		in("an app restarts", "owner", "/apps/miniflux",
			moves(`const asked = new Promise((done) => addEventListener("htmx:afterRequest", (e) => e.detail.requestConfig.verb === "post" && done())); $("#app-restart").click(); await asked`),
			stays(`await until(() => document.querySelector("#app-progress .ring"))`)),
		failing("an app that cannot be stopped", "/apps/miniflux", stays(`$("#app-stop").click(); await until(() => document.querySelector("#messages .message"))`)),

		in("a line for a machine", "owner", "/machines/add", sends("/machines/tokens", `{ask: true}`), unfolded()),
		in("a line refused", "owner", "/machines/add", unfolded(), sends("/machines/tokens", `{uses: "0"}`)),
		failing("a line that fails", "/machines/add", sends("/machines/tokens", `{}`)),
		failing("emptying fails", "/machines/pi1", sends("/machines/pi1/drain", `{}`)),
		in("emptying a machine", "owner", "/machines/pi1", sends("/machines/pi1/drain", `{}`)),
		in("a machine's removal refused", "owner", "/machines/pi2/remove", sends("/machines/pi2/remove", `{confirm: "other"}`)),
		in("a machine let in", "owner", "/machines", sends("/machines/pending", `{}`)),

		in("inviting", "owner", "/people", unfolded()),
		in("inviting refused", "owner", "/people", unfolded(), sends("/people", `{name: "Not A Name"}`)),
		in("a link for somebody", "owner", "/people", unfolded(), sends("/people", `{name: "grace"}`)),
		in("a new link", "owner", "/people/member", sends("/people/member/link", `{}`)),
		failing("a change of somebody fails", "/people/member", sends("/people/member", `{}`)),
		in("somebody's removal refused", "owner", "/people/member/remove", sends("/people/member/remove", `{confirm: "other"}`)),

		in("saved", "owner", "/settings", sends("/settings", `{}`)),
		in("a password refused", "owner", "/settings/password", sends("/settings/password", `{password: "short"}`)),
		in("an authenticator app", "member", "/settings/totp", sends("/settings/totp", `{}`)),
		in("recovery codes", "member", "/settings/totp", sends("/settings/totp", `{}`), sends("/settings/totp/confirm", `{code: "123456"}`)),
		in("the cloud's settings, all open", "owner", "/settings/cloud", unfolded()),
		in("a domain refused", "owner", "/settings/cloud", unfolded(), sends("/settings/domain", `{domain: "no domain", confirm: "no domain"}`)),
		in("a domain moves", "owner", "/settings/cloud", unfolded(), sends("/settings/domain", `{domain: "grace.xyz", confirm: "grace.xyz"}`)),
		failing("settings of the cloud fail", "/settings/cloud", sends("/settings/cloud", `{}`)),
		failing("a test is not told", "/settings/cloud", sends("/settings/notify/test", `{}`)),
	}
}
