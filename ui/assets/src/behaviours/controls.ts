// Buttons and fields: copy, reveal, open and close dialogs, confirm by typing, the
// colours' scheme, and forms that are sent once.

/** clicks answers all clicks on what has one of the attributes. */
export function clicks(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const on = (attribute: string) => target.closest<HTMLElement>(`[${attribute}]`);
    let element: HTMLElement | null;
    if ((element = on("data-copy"))) void copy(element);
    else if ((element = on("data-reveal"))) reveal(element);
    else if ((element = on("data-open"))) {
      const dialog = document.getElementById(element.dataset.open!);
      if (dialog instanceof HTMLDialogElement) { event.preventDefault(); dialog.showModal(); }
    } else if ((element = on("data-close"))) {
      event.preventDefault();
      element.closest("dialog")?.close();
    } else if (target instanceof HTMLDialogElement) target.close(); // on what lies behind it
  });
  document.addEventListener("input", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.dataset?.confirm !== undefined) confirmed(field);
  });
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement;
    if (field.dataset?.theme !== undefined) theme(field.value);
    if (field.dataset?.unlocks !== undefined) unlock(field);
  });
  document.addEventListener("panel:patched", (event) => prepare((event as CustomEvent<HTMLElement>).detail));
  document.addEventListener("submit", once);
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => f.removeAttribute("data-sent")));
}

/** prepare sets the state of what has just come into the page. */
export function prepare(within: HTMLElement | null): void {
  within?.querySelectorAll<HTMLInputElement>("[data-confirm]").forEach(confirmed);
  within?.querySelectorAll<HTMLInputElement>("[data-unlocks]").forEach(unlock);
  within?.querySelectorAll<HTMLElement>(".tabs, .chips.scroll").forEach(bringIntoSight);
}

/** bringIntoSight moves a row that is wider than the page to what is chosen in it. */
function bringIntoSight(row: HTMLElement): void {
  const chosen = row.querySelector("[aria-current], :checked")?.closest("a, .chip");
  if (!chosen || row.scrollWidth <= row.clientWidth) return;
  const at = chosen.getBoundingClientRect(), frame = row.getBoundingClientRect();
  if (at.left < frame.left || at.right > frame.right) row.scrollLeft += at.left - frame.left - (frame.width - at.width) / 2;
}

/** copy takes the text that the button has, or that of the element it names, or of the line it stands in. */
async function copy(button: HTMLElement): Promise<void> {
  const named = button.dataset.copyFrom ? document.getElementById(button.dataset.copyFrom)?.textContent : "";
  const text = button.dataset.copy || named || button.parentElement?.querySelector("code")?.textContent || "";
  try {
    await navigator.clipboard.writeText(text);
  } catch { // not on https: the old way
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.dataset.copied = "yes";
  say(button.dataset.said ?? "");
  setTimeout(() => delete button.dataset.copied, 1600);
}

/** say tells something to those who listen to the page. */
export function say(text: string): void {
  const region = document.getElementById("said");
  if (region) region.textContent = text;
}

function reveal(button: HTMLElement): void {
  const field = button.parentElement?.querySelector("input");
  if (!field) return;
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  field.focus();
}

/** confirmed lets a form be sent once what it asks for was typed. */
function confirmed(field: HTMLInputElement): void {
  const right = field.value.trim() === field.dataset.confirm;
  field.form?.querySelectorAll<HTMLButtonElement>("button.danger, button[data-confirmed]").forEach((b) => (b.disabled = !right));
}

/** unlock lets a form be sent once a box is ticked. */
function unlock(box: HTMLInputElement): void {
  box.form?.querySelectorAll<HTMLButtonElement>("button[type=submit]").forEach((b) => (b.disabled = !box.checked));
}

/** theme takes effect at once; the server reads the cookie for the next page. */
function theme(value: string): void {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `dcloud_theme=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
  if (value === "light" || value === "dark") document.documentElement.dataset.theme = value;
  else delete document.documentElement.dataset.theme;
}

/** once keeps a form from being sent twice by a second tap. */
function once(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (form.method !== "post" || form.method === ("dialog" as string) || event.defaultPrevented) return;
  if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
  form.setAttribute("data-sent", "");
  if (form.dataset.busy) say(form.dataset.busy);
}
