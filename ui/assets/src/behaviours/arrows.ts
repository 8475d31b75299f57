// Arrow keys move between the tiles of a grid (data-grid) and the items of a menu as
// the eye sees them.
const way: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function arrows(): void {
  document.addEventListener("keydown", (event) => {
    const direction = way[event.key];
    const from = event.target as HTMLElement;
    const grid = from.closest?.<HTMLElement>("[data-grid], [popover]");
    if (!grid || event.altKey || event.ctrlKey || event.metaKey || from.matches("input, textarea, select")) return;
    const all = [...grid.querySelectorAll<HTMLElement>("a[href], button:not(:disabled)")].filter((e) => e.offsetParent !== null);
    let to: HTMLElement | undefined;
    if (event.key === "Home") to = all[0];
    else if (event.key === "End") to = all.at(-1);
    else if (direction) to = nearest(from, all, direction);
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
}

function nearest(from: HTMLElement, all: HTMLElement[], [dx, dy]: [number, number]): HTMLElement | undefined {
  const a = from.getBoundingClientRect();
  let best: HTMLElement | undefined;
  let least = Infinity;
  for (const element of all) {
    if (element === from) continue;
    const b = element.getBoundingClientRect();
    const x = b.left + b.width / 2 - a.left - a.width / 2;
    const y = b.top + b.height / 2 - a.top - a.height / 2;
    const along = x * dx + y * dy;
    const across = Math.abs(x * dy) + Math.abs(y * dx);
    if (along < 4) continue;
    const far = along + across * 3;
    if (far < least) [least, best] = [far, element];
  }
  return best;
}
