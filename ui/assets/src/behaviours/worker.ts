// The service worker keeps scripts, styles and the page for when there is no network.
export function install(): void {
  const build = document.documentElement.dataset.build;
  if (!build || !("serviceWorker" in navigator)) return;
  addEventListener("load", () => {
    navigator.serviceWorker.register(`/sw.js?v=${build}`, { scope: "/" }).catch(() => { /* not on https: it goes without */ });
  });
}
