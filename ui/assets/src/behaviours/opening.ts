// An app's page opens out of its icon, and closes back into it: the icon of the link
// that leads to the page, and the large one on the page, are one thing that moves.
type Swap = Event & { viewTransition?: { ready: Promise<void>; finished: Promise<void>; updateCallbackDone?: Promise<void> } | null; activation?: { entry?: { url?: string | null }; from?: { url?: string | null } } | null };

export function opening(): void {
  addEventListener("pageswap", (event) => mark((event as Swap).activation?.entry?.url, event as Swap));
  addEventListener("pagereveal", (event) => {
    const from = (window as { navigation?: { activation?: { from?: { url?: string | null } } } }).navigation?.activation?.from?.url;
    mark(from, event as Swap);
  });
  // On a slow device the page is shown before this runs, and the browser complains itself.
  addEventListener("unhandledrejection", (event) => {
    if (event.reason instanceof DOMException && /^Transition was/.test(event.reason.message)) event.preventDefault();
  });
}

// mark names the two. A page that does not take part ends the move before it began,
// which is no error of ours.
function mark(url: string | null | undefined, event: Swap): void {
  event.viewTransition?.ready.catch(() => {});
  event.viewTransition?.finished.catch(() => {});
  event.viewTransition?.updateCallbackDone?.catch(() => {});
  if (!url || !event.viewTransition || document.querySelector(".app-icon.large")) return;
  const path = new URL(url).pathname;
  const icon = document.querySelector(`a[href="${CSS.escape(path).replaceAll("\\/", "/")}"] .app-icon`);
  if (!icon) return;
  icon.classList.add("opened");
  event.viewTransition.finished.catch(() => {}).then(() => icon.classList.remove("opened"));
}
