// How a person finds things on a page: by the words on them, where they can be seen.
var dcloudName = (e) => (e.getAttribute("aria-label") || e.innerText || e.value || e.title || "").trim().replace(/\s+/g, " ");
var dcloudSeen = (e) => e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !e.disabled && !e.closest("[inert]");
var dcloudFind = (words) => {
  const all = [...document.querySelectorAll("a, button, summary, label, input[type=submit], input[type=checkbox], [role=button], [role=tab], [role=menuitem]")].filter(dcloudSeen);
  const e = all.find((e) => dcloudName(e) === words) || all.find((e) => dcloudName(e).startsWith(words));
  if (!e) return null;
  e.scrollIntoView({ block: "center", behavior: "instant" });
  const r = e.getBoundingClientRect();
  const x = r.x + r.width / 2, y = r.y + r.height / 2;
  const top = document.elementFromPoint(x, y);
  if (!top || !(e === top || e.contains(top) || top.contains(e))) return null;
  // A person taps what has stopped moving.
  const still = window.dcloudStill;
  if (!still || still.e !== e || Math.abs(still.x - x) > 1 || Math.abs(still.y - y) > 1) {
    window.dcloudStill = { e, x, y, since: performance.now() };
    return null;
  }
  return performance.now() - still.since > 350 && !document.querySelector(".htmx-request") ? { x, y } : null;
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
  const e = dcloudField(label);
  if (!e) return null;
  e.focus();
  e.select?.();
  return document.activeElement === e;
};
var dcloudChoose = (label, option) => {
  const e = dcloudField(label);
  const o = e && [...(e.options || [])].find((o) => o.text.trim().startsWith(option) || o.value === option);
  if (!o) return null;
  e.value = o.value;
  e.dispatchEvent(new Event("input", { bubbles: true }));
  e.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
};
