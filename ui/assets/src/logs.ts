// An app's lines, live: searched, paused, and never more than a browser bears. What a
// line holds is put into the page as text alone.
type Line = { t: number; s: string; n?: string; e?: boolean; x: string };

const most = 5000; // lines that are kept

class Logs {
  private readonly list: HTMLOListElement;
  private readonly search: HTMLInputElement;
  private readonly service: HTMLSelectElement | null;
  private readonly pause: HTMLButtonElement;
  private readonly status: HTMLElement;
  private readonly file: HTMLAnchorElement;
  private lines: Line[] = [];
  private waiting: Line[] = []; // came while paused
  private paused = false;
  private first = true; // since the connection began: what was there before goes
  private found = 0;
  private problem = "";
  private source?: EventSource;

  constructor(private readonly root: HTMLElement) {
    const get = <T extends Element>(what: string) => root.querySelector<T>(what)!;
    this.list = get("[data-logs-lines]");
    this.search = get("input[name=q]");
    this.service = root.querySelector("select[name=service]");
    this.pause = get("[data-logs-pause]");
    this.status = get("[data-logs-status]");
    this.file = get("[data-logs-file]");
    root.querySelector(".logs-send")?.remove();
    this.pause.hidden = false;
    this.pause.addEventListener("click", () => this.setPaused(!this.paused));
    root.querySelector("form")!.addEventListener("submit", (event) => event.preventDefault());
    let later = 0;
    this.search.addEventListener("input", () => { clearTimeout(later); later = window.setTimeout(() => this.again(), 80); });
    this.service?.addEventListener("change", () => this.connect());
    window.addEventListener("pagehide", () => this.source?.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) this.connect(); });
    this.list.scrollTop = this.list.scrollHeight;
    this.connect();
  }

  private connect(): void {
    this.source?.close();
    const query = this.service?.value ? `?service=${encodeURIComponent(this.service.value)}` : "";
    this.file.href = this.file.href.replace(/\?.*$/, "") + query;
    const source = (this.source = new EventSource(this.root.dataset.logs + query));
    source.addEventListener("begin", () => { this.first = true; this.problem = ""; });
    source.addEventListener("lines", (event) => this.take(JSON.parse((event as MessageEvent).data) as Line[]));
    source.addEventListener("problem", (event) => { this.problem = JSON.parse((event as MessageEvent).data) as string; this.tell(); });
    source.addEventListener("error", () => { this.problem ||= this.root.dataset.away ?? ""; this.tell(); });
  }

  private take(fresh: Line[]): void {
    if (this.first) {
      this.first = false;
      this.lines = [];
      this.waiting = [];
      this.list.replaceChildren();
      this.found = 0;
      this.root.querySelector("[data-logs-none]")?.remove();
      this.add(fresh); // also while paused: else the page would be empty
    } else if (this.paused) {
      this.waiting = this.waiting.concat(fresh).slice(-most);
    } else this.add(fresh);
    this.tell();
  }

  /** add puts lines at the end, keeps to the bottom who was there, and lets go of the oldest. */
  private add(fresh: Line[]): void {
    const below = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40;
    const what = this.search.value.toLowerCase();
    this.lines = this.lines.concat(fresh);
    const gone = this.lines.splice(0, Math.max(0, this.lines.length - most));
    const lost = gone.filter((l) => matches(l, what)).length;
    const shown = fresh.filter((l) => matches(l, what));
    this.list.append(...shown.map((l) => row(l, what)));
    for (let k = 0; k < lost; k++) this.list.firstElementChild?.remove();
    this.found += shown.length - lost;
    if (below) this.list.scrollTop = this.list.scrollHeight;
  }

  /** again shows what is kept anew, after another word was typed. */
  private again(): void {
    const kept = this.lines;
    this.lines = [];
    this.found = 0;
    this.list.replaceChildren();
    this.add(kept);
    this.list.scrollTop = this.list.scrollHeight;
    this.tell();
  }

  private setPaused(paused: boolean): void {
    this.paused = paused;
    this.pause.setAttribute("aria-pressed", String(paused));
    if (!paused) {
      this.add(this.waiting.splice(0));
      this.list.scrollTop = this.list.scrollHeight;
    }
    this.tell();
  }

  private tell(): void {
    const words = this.root.dataset;
    let text = this.search.value
      ? fill(words.found!, this.found, this.lines.length)
      : fill(words.count!, this.lines.length);
    if (this.paused) text = fill(words.paused!, this.waiting.length);
    if (this.problem) text = this.problem;
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}

const fill = (text: string, ...numbers: number[]) => numbers.reduce((t, n) => t.replace("%s", n.toLocaleString()), text);

const matches = (line: Line, what: string) => !what || line.x.toLowerCase().includes(what);

function row(line: Line, what: string): HTMLLIElement {
  const item = document.createElement("li");
  if (line.e) item.className = "stderr";
  const time = document.createElement("time");
  const when = new Date(line.t);
  time.dateTime = time.title = when.toISOString();
  time.textContent = when.toISOString().slice(11, 19);
  const service = document.createElement("b");
  service.textContent = line.s;
  const text = document.createElement("span");
  const low = line.x.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(what); what && at >= 0 && low.length === line.x.length; at = low.indexOf(what, from)) {
    text.append(line.x.slice(from, at));
    const mark = document.createElement("mark");
    mark.textContent = line.x.slice(at, at + what.length);
    text.append(mark);
    from = at + what.length;
  }
  text.append(line.x.slice(from));
  item.append(time, " ", service, " ", text);
  return item;
}

document.querySelectorAll<HTMLElement>("[data-logs]").forEach((root) => new Logs(root));
