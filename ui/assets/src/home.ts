// A tile's menu that its button opened stands at the tile, as one does that a long press
// opened (behaviours/menus.ts).
document.addEventListener("toggle", (event) => {
  const menu = event.target as HTMLElement;
  const tile = menu.parentElement;
  if ((event as ToggleEvent).newState !== "open" || !tile?.matches(".tile[data-menu]")) return;
  const at = tile.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left + at.width / 2 - menu.offsetWidth / 2), innerWidth - menu.offsetWidth - 8);
  const below = at.bottom + 8 + menu.offsetHeight < innerHeight;
  menu.style.left = `${left}px`;
  menu.style.top = `${below ? at.bottom + 8 : Math.max(8, at.top - menu.offsetHeight - 8)}px`;
}, true);
