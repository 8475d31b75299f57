// A part that the server sends again takes the place of the one with its id. It is
// morphed, so that focus, scroll, what is being typed and what is unfolded stay.
import { Idiomorph } from "idiomorph";

type Htmx = { process(element: Element): void };

const own = new Set(["open", "data-kept", "aria-busy"]); // what the browser changed, not the server

export function patches(htmx: Htmx): void {
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const detail = (event as CustomEvent).detail as { shouldSwap: boolean; target: Element; fragment: DocumentFragment };
    const fresh = detail.fragment.firstElementChild;
    if (!fresh || fresh.id !== detail.target.id) return;
    detail.shouldSwap = false;
    Idiomorph.morph(detail.target, fresh, {
      morphStyle: "outerHTML",
      ignoreActiveValue: true,
      callbacks: {
        beforeAttributeUpdated: (name: string, node: Element) =>
          !(own.has(name) && node.matches("details, dialog, [popover], [data-kept], form, button")),
        beforeNodeMorphed: (old: Node) => !(old instanceof Element && old.hasAttribute("data-kept")),
      },
    });
    const now = document.getElementById(fresh.id);
    if (now) htmx.process(now);
    document.dispatchEvent(new CustomEvent("panel:patched", { detail: now }));
  });
}
