// Says when the cloud cannot be reached, and takes it back once it can.
export function connection(): void {
  const banner = document.getElementById("offline");
  if (!banner) return;
  const show = (away: boolean) => (banner.hidden = !away);
  addEventListener("offline", () => show(true));
  addEventListener("online", () => show(false));
  document.addEventListener("htmx:sendError", () => show(true));
  document.addEventListener("htmx:sseError", () => setTimeout(() => show(!live()), 4000));
  document.addEventListener("htmx:sseOpen", () => show(false));
  document.addEventListener("htmx:afterOnLoad", () => show(false));
  // A page that was kept while one went on and back shows what was: get it anew.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

/** live tells whether the page's stream is open. */
function live(): boolean {
  const element = document.querySelector("[sse-connect]") as { "htmx-internal-data"?: { sseEventSource?: EventSource } } | null;
  return element?.["htmx-internal-data"]?.sseEventSource?.readyState === EventSource.OPEN;
}
