// A tile's menu (data-menu names a popover) opens by a long press, a right click, the
// menu key, or its own button, beside the tile.
const press = 450; // ms; what phones take for a long press

export function menus(): void {
  let timer = 0;
  let held = false;
  const tile = (event: Event) => (event.target as Element).closest?.<HTMLElement>("[data-menu]");
  const stop = () => clearTimeout(timer);
  document.addEventListener("pointerdown", (event) => {
    const over = tile(event);
    held = false;
    if (!over || event.pointerType !== "touch") return;
    timer = window.setTimeout(() => { held = true; open(over); }, press);
  });
  for (const name of ["pointerup", "pointercancel", "pointermove", "scroll"]) {
    document.addEventListener(name, (event) => {
      if (name === "pointermove" && Math.hypot((event as PointerEvent).movementX, (event as PointerEvent).movementY) < 4) return;
      stop();
    }, { passive: true });
  }
  document.addEventListener("pointerup", () => setTimeout(() => (held = false), 100)); // after the click that it makes, if it makes one
  document.addEventListener("click", (event) => {
    if (held) { held = false; event.preventDefault(); event.stopPropagation(); }
  }, true);
  // Before it shows, so that it is in its place at the first frame, whoever opened it.
  document.addEventListener("beforetoggle", (event) => {
    const menu = event.target as HTMLElement;
    if ((event as ToggleEvent).newState === "open" && menu.matches(".menu")) queueMicrotask(() => place(menu));
  }, true);
  document.addEventListener("contextmenu", (event) => {
    const over = tile(event);
    if (!over) return;
    event.preventDefault();
    stop();
    open(over);
  });
}

function open(tile: HTMLElement): void {
  const menu = document.getElementById(tile.dataset.menu!);
  if (!menu?.showPopover || menu.matches(":popover-open")) return;
  menu.showPopover();
  menu.querySelector<HTMLElement>("a, button")?.focus();
}

/** place puts a menu that has just opened beneath its tile, or above where there is no room. */
function place(menu: HTMLElement): void {
  const tile = document.querySelector(`[data-menu="${CSS.escape(menu.id)}"]`);
  if (!tile) return;
  const at = tile.getBoundingClientRect();
  const size = { width: menu.offsetWidth, height: menu.offsetHeight }; // not as its coming in scales it
  const left = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), innerWidth - size.width - 8);
  const below = at.bottom + 8 + size.height < innerHeight;
  menu.style.left = `${left}px`;
  menu.style.top = `${below ? at.bottom + 8 : Math.max(8, at.top - size.height - 8)}px`;
}
