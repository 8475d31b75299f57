// How a person finds things on a page: by the words on them, where they can be seen.
var dcloudName = (e) => (e.getAttribute("aria-label") || e.innerText || e.value || e.title || "").trim().replace(/\s+/g, " ");
var dcloudSeen = (e) => e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !e.disabled && !e.closest("[inert]");
// The page as it stays: its scripts have run, and nothing that was asked for is on its way.
var dcloudCalm = () => document.readyState === "complete" && !document.querySelector(".htmx-request");
var dcloudFind = (words) => {
  const all = [...document.querySelectorAll("a, button, summary, label, input[type=submit], input[type=checkbox], [role=button], [role=tab], [role=menuitem]")].filter(dcloudSeen);
  const e = all.find((e) => dcloudName(e) === words) || all.find((e) => dcloudName(e).startsWith(words));
  if (!e) return null;
  e.scrollIntoView({ block: "center", behavior: "instant" });
  const r = e.getBoundingClientRect();
  const x = r.x + r.width / 2, y = r.y + r.height / 2;
  // While one page gives way to the next, what is under a finger is the picture of both:
  // the document itself.
  const top = document.elementFromPoint(x, y);
  if (!top || top === document.documentElement || top === document.body) return null;
  if (!(e === top || e.contains(top) || top.contains(e))) return null;
  // A person taps what has stopped moving.
  const still = window.dcloudStill;
  if (!still || still.e !== e || Math.abs(still.x - x) > 1 || Math.abs(still.y - y) > 1) {
    window.dcloudStill = { e, x, y, since: performance.now() };
    return null;
  }
  if (performance.now() - still.since <= 350 || !dcloudCalm()) return null;
  dcloudExpect(top.contains(e) ? top : e);
  return { x, y };
};
// dcloudExpect notes whether the next click comes to an element or, where the page has
// changed at that very moment, to something else: that one does nothing.
var dcloudExpect = (e) => {
  const tap = (window.dcloudTap = { state: "expected" });
  const click = (event) => {
    removeEventListener("click", click, true);
    if (window.dcloudTap !== tap) return;
    tap.state = e.contains(event.target) ? "landed" : `missed: it came to ${event.target.nodeName}`;
    if (tap.state !== "landed") {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };
  addEventListener("click", click, true);
};
var dcloudField = (label) => {
  for (const l of document.querySelectorAll("label")) {
    if (dcloudName(l).startsWith(label)) {
      const e = l.control || l.querySelector("input, select, textarea");
      if (e && dcloudSeen(e)) return e;
    }
  }
  return [...document.querySelectorAll("input, select, textarea")].find((e) => dcloudSeen(e) && (e.getAttribute("aria-label") || e.placeholder || "").startsWith(label));
};
var dcloudFocus = (label) => {
  const e = document.readyState === "complete" && dcloudField(label);
  if (!e) return null;
  e.focus();
  e.select?.();
  window.dcloudTyped = e;
  return document.activeElement === e;
};
var dcloudChoose = (label, option) => {
  const e = dcloudCalm() && dcloudField(label);
  const o = e && [...(e.options || [])].find((o) => o.text.trim().startsWith(option) || o.value === option);
  if (!o) return null;
  e.value = o.value;
  e.dispatchEvent(new Event("input", { bubbles: true }));
  e.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
};
// dcloudRemember notes from now on what the page says.
var dcloudRemember = () => {
  const said = (window.dcloudSaid = []);
  const note = () => {
    const text = document.body.innerText.replace(/\s+/g, " ");
    if (said.at(-1) !== text) said.push(text);
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  note();
  return true;
};
