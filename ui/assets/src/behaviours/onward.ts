// A link that is followed by itself, as the words beside it say: data-onward is in how
// many seconds. Without scripts the page's head does it.
export function onward(): void {
  document.querySelectorAll<HTMLAnchorElement>("a[data-onward]").forEach((link) => {
    setTimeout(() => location.assign(link.href), Number(link.dataset.onward) * 1000);
  });
}
