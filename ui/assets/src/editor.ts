// Line numbers beside a text, and marks at the lines that the server found wrong. The
// text is a plain textarea, so that Tab goes on to the next control, and everything
// works without this script.

const around = document.querySelector<HTMLElement>("[data-editor]");
const area = around?.querySelector("textarea");
if (around && area) begin(around, area);

function begin(around: HTMLElement, area: HTMLTextAreaElement): void {
  const gutter = document.createElement("div");
  gutter.className = "editor-gutter";
  gutter.setAttribute("aria-hidden", "true");
  around.prepend(gutter);
  around.dataset.editor = "ready";

  const number = () => {
    const lines = area.value.split("\n").length;
    while (gutter.childElementCount > lines) gutter.lastElementChild!.remove();
    while (gutter.childElementCount < lines) gutter.append(Object.assign(document.createElement("span"), { textContent: String(gutter.childElementCount + 1) }));
    gutter.scrollTop = area.scrollTop;
  };

  /** mark shows where the problems are, and begins at the first that is one. */
  const mark = (focus: boolean) => {
    for (const line of gutter.children) { line.removeAttribute("data-wrong"); line.removeAttribute("title"); }
    let first: HTMLElement | null = null;
    document.querySelectorAll<HTMLElement>("[data-editor-result] [data-line]").forEach((problem) => {
      const line = gutter.children[Number(problem.dataset.line) - 1];
      const warning = problem.hasAttribute("data-warning");
      line?.setAttribute("data-wrong", warning ? "warning" : "error");
      line?.setAttribute("title", problem.textContent!.trim());
      if (!warning && Number(problem.dataset.line) > 0) first ??= problem;
    });
    area.setAttribute("aria-invalid", String(first !== null));
    if (first && focus) go(Number((first as HTMLElement).dataset.line), Number((first as HTMLElement).dataset.column));
  };

  /** go puts the cursor at a place (both from 1) and brings it into sight. */
  const go = (line: number, column: number) => {
    const lines = area.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, l) => sum + l.length + 1, 0);
    const at = start + Math.min(Math.max(column - 1, 0), (lines[line - 1] ?? "").length);
    area.focus({ preventScroll: true });
    area.setSelectionRange(at, at);
    area.scrollTop = Math.max(0, (line - 1) * parseFloat(getComputedStyle(area).lineHeight) - area.clientHeight / 2);
    area.scrollIntoView({ block: "nearest" });
  };

  area.addEventListener("input", number);
  area.addEventListener("scroll", () => { gutter.scrollTop = area.scrollTop; }, { passive: true });
  // A new line begins beneath the one before.
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const before = area.value.slice(0, area.selectionStart).split("\n").pop()!;
    const indent = /^[ \t]*/.exec(before)![0] + (/[{[]\s*$/.test(before) ? "  " : "");
    if (indent && document.execCommand("insertText", false, "\n" + indent)) event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", () => {
    mark(true);
    if (document.activeElement !== area) document.querySelector("[data-editor-result] > *")?.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("click", (event) => {
    const problem = (event.target as Element).closest<HTMLElement>("[data-editor-result] [data-line]");
    if (problem && Number(problem.dataset.line) > 0) go(Number(problem.dataset.line), Number(problem.dataset.column));
  });
  number();
  mark(area.getAttribute("aria-invalid") === "true");
}
