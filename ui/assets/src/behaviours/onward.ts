// A link that is followed by itself once the panel answers at the other end, which a
// picture of its own tells (data-there): earlier, it would end at a page that is not
// there. After data-latest seconds it is followed all the same, so that what is
// wrong is seen. Without scripts the page's head does it.
export function onward(): void {
  document.querySelectorAll<HTMLAnchorElement>("a[data-there]").forEach((link) => {
    const go = () => location.assign(link.href);
    setTimeout(go, Number(link.dataset.latest) * 1000);
    look(link.dataset.there!, go);
  });
}

function look(picture: string, there: () => void): void {
  const image = new Image();
  image.onload = there;
  image.onerror = () => setTimeout(() => look(picture, there), 1000);
  image.src = `${picture}?${Date.now()}`;
}
