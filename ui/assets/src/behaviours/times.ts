// Times in words grow older while a page is open; on hover they are exact, in the
// time zone of who looks. The words are those of the server (ui/web/words.go).
export function keepTimes(): void {
  refresh();
  setInterval(refresh, 20_000);
  document.addEventListener("panel:patched", refresh);
  document.addEventListener("htmx:afterSettle", refresh);
}

function refresh(): void {
  const lang = document.documentElement.lang || "en";
  const words = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  document.querySelectorAll<HTMLTimeElement>("time[data-ago]").forEach((element) => {
    const at = new Date(element.dateTime);
    const exact = at.toLocaleString(lang, { dateStyle: "full", timeStyle: "medium" });
    if (element.title !== exact) element.title = exact;
    const seconds = Math.round((Date.now() - at.getTime()) / 1000);
    const size = Math.abs(seconds);
    if (size < 60 || size >= 24 * 3600) return; // as the server wrote it
    const text = size < 3600 ? words.format(-Math.trunc(seconds / 60), "minute") : words.format(-Math.trunc(seconds / 3600), "hour");
    if (element.textContent !== text) element.textContent = text;
  });
}
