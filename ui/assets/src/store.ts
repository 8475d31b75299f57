// The store's pills follow what happens, and an install is asked for in a sheet. Without
// this script a pill is a link to a page.
import { Idiomorph } from "idiomorph";

const sheet = () => document.getElementById("store-sheet") as HTMLDialogElement | null;
let wanted = ""; // the form that the sheet is to show

/** spread puts the pills that the server sent where their cards are. */
function spread(list: Element): void {
  list.querySelectorAll<HTMLElement>("[data-live]").forEach((fresh) => {
    document.querySelectorAll<HTMLElement>(`[data-pill="${CSS.escape(fresh.dataset.live!)}"]`).forEach((place) => {
      Idiomorph.morph(place, fresh.innerHTML, { morphStyle: "innerHTML" });
    });
  });
}

document.addEventListener("panel:patched", (event) => {
  const now = (event as CustomEvent).detail as Element | null;
  if (now?.id === "store-live") spread(now);
});

// Pills come and go, so the one element that fetches stands beside them.
document.addEventListener("click", (event) => {
  const pill = (event.target as Element).closest<HTMLAnchorElement>("a[data-sheet]");
  const loader = document.getElementById("store-loader");
  if (!pill || !loader || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  wanted = pill.getAttribute("href")!;
  loader.dispatchEvent(new CustomEvent("store-ask"));
});
document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent).detail as { elt: Element; path: string; formData: FormData };
  if (detail.elt.id === "store-loader") detail.path = wanted;
  // A link that is kept holds what was chosen, and no more.
  if (detail.elt.matches("form[role=search]")) {
    for (const [name, value] of [...detail.formData]) if (value === "") detail.formData.delete(name);
  }
});

// A form that came opens the sheet; one that was refused begins at what is wrong.
document.addEventListener("htmx:afterSettle", (event) => {
  const dialog = sheet();
  if (!dialog || event.target !== dialog || !dialog.firstElementChild) return;
  if (!dialog.open) dialog.showModal();
  else (dialog.querySelector<HTMLElement>("[aria-invalid=true]") ?? dialog.querySelector("h2"))?.focus();
});
document.addEventListener("store-begun", () => { leave(); sheet()?.close(); });
document.addEventListener("close", (event) => {
  if (event.target !== sheet()) return;
  leave();
  sheet()!.replaceChildren(); // a form that was left is begun anew
}, true);

/** leave forgets what is still asked about a form that goes. */
function leave(): void {
  sheet()?.querySelectorAll('[hx-post$="/check"]').forEach((elt) => elt.dispatchEvent(new CustomEvent("htmx:abort", { bubbles: true, detail: { elt } })));
}

// What was typed before this script ran is looked for too.
addEventListener("DOMContentLoaded", () => {
  const field = document.querySelector<HTMLInputElement>("#store-q");
  if (field && field.value !== field.defaultValue) field.form?.requestSubmit();
});
