// Charts of what an app or a machine used (part "charts"): what the server drew small
// becomes a chart that is read with a mouse, a finger or the arrow keys. Colours come
// from the page's custom properties; all words come from the server.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

type Line = { key: string; title: string; unit: string; limit?: number; now: string; text: string };
type Data = { range: string; step: number; times: number[]; charts: Line[]; values: Record<string, (number | null)[]> };

const height = 160; // CSS pixels

/** colour is what a custom property comes to just now: light-dark() and color-mix() are
 * worked out by the browser on an element alone. */
function colour(name: string): string {
  const probe = document.createElement("i");
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

/** amount writes a number as the server does (web.Amount). */
function amount(v: number, unit: string): string {
  if (unit === "MB" && Math.round(Math.abs(v)) >= 1000) return `${short(v / 1000)} GB`;
  return `${short(v)} ${unit}`;
}

const short = (v: number) => (Math.abs(v) >= 9.95 ? v.toFixed(0) : v.toFixed(1).replace(/\.0$/, ""));

const clock = (seconds: number) => new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

class Chart {
  private plot?: uPlot;
  private readonly box: HTMLElement;
  private readonly now: HTMLElement;
  private readonly text: HTMLElement;
  private times: number[] = [];
  private values: (number | null)[] = [];
  private line: Line | null = null;

  constructor(figure: HTMLElement) {
    this.box = figure.querySelector("[data-chart-plot]")!;
    this.now = figure.querySelector("[data-chart-now]")!;
    this.text = figure.querySelector("[data-chart-text]")!;
    this.box.addEventListener("keydown", (e) => this.key(e));
    this.box.addEventListener("blur", () => this.rest());
    new ResizeObserver(() => this.plot?.setSize({ width: this.box.clientWidth, height })).observe(this.box);
  }

  show(data: Data, line: Line): void {
    this.times = data.times;
    this.values = data.values[line.key] ?? [];
    this.line = line;
    this.text.textContent = line.text;
    this.box.tabIndex = 0;
    this.box.setAttribute("role", "img");
    this.box.setAttribute("aria-label", `${line.title}: ${line.now}. ${line.text}`);
    if (!this.plot) this.draw();
    else this.plot.setData([this.times, this.values]);
    if (this.plot?.cursor.idx == null) this.rest();
  }

  /** draw makes the chart anew, as when the colours changed. */
  draw(): void {
    const line = this.line;
    if (!line) return;
    this.plot?.destroy();
    this.box.replaceChildren();
    const ink = colour("--muted");
    const accent = colour("--accent-text");
    const hair = { stroke: colour("--line"), width: 1 };
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    this.plot = new uPlot({
      width: this.box.clientWidth, height, padding: [8, 4, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 8, fill: accent } },
      hooks: { setCursor: [(u) => this.point(u.cursor.idx)] },
      scales: { y: { range: (_u, _least, most) => [0, Math.max(most ?? 0, line.unit === "%" ? 1 : 4) * 1.1] } },
      axes: [
        { stroke: ink, font, grid: { show: false }, ticks: { show: false }, size: 26, space: 70, values: (_u, at) => at.map(clock) },
        { stroke: ink, font, grid: hair, ticks: { show: false }, size: 62, space: 44, values: (_u, at) => at.map((v) => amount(v, line.unit)) },
      ],
      series: [{}, { stroke: accent, width: 2, fill: colour("--accent-soft"), points: { show: false }, spanGaps: false }],
    }, [this.times, this.values], this.box);
  }

  /** point tells of the value under the cursor, rest of the last one. */
  private point(idx: number | null | undefined): void {
    if (idx == null || !this.line) return this.rest();
    const v = this.values[idx];
    this.now.textContent = `${clock(this.times[idx])}  ${v == null ? "–" : amount(v, this.line.unit)}`;
  }

  private rest(): void {
    if (this.line && this.now.textContent !== this.line.now) this.now.textContent = this.line.now;
  }

  private key(event: KeyboardEvent): void {
    const u = this.plot;
    if (!u || !this.times.length) return;
    const last = this.times.length - 1;
    const from = u.cursor.idx ?? last;
    const leap = Math.max(1, Math.round(last / 12));
    const to: Record<string, number> = {
      ArrowLeft: from - 1, ArrowRight: from + 1, PageUp: from - leap, PageDown: from + leap, Home: 0, End: last,
    };
    if (event.key === "Escape") return u.setCursor({ left: -10, top: -10 });
    if (!(event.key in to)) return;
    event.preventDefault();
    const idx = Math.min(last, Math.max(0, to[event.key]));
    u.setCursor({ left: u.valToPos(this.times[idx], "x"), top: height / 2 });
  }
}

class Charts {
  private readonly charts = new Map<string, Chart>();
  private range: string;
  private timer = 0;
  private asked = 0;

  constructor(private readonly root: HTMLElement) {
    this.range = root.dataset.range!;
    for (const figure of root.querySelectorAll<HTMLElement>("[data-chart]")) this.charts.set(figure.dataset.chart!, new Chart(figure));
    root.addEventListener("click", (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("[data-chart-range]");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      this.range = link.dataset.chartRange!;
      for (const other of root.querySelectorAll("[data-chart-range]")) other.toggleAttribute("aria-current", false);
      link.setAttribute("aria-current", "true");
      history.replaceState(history.state, "", link.href);
      void this.load();
    });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) void this.load(); });
    void this.load();
  }

  redraw(): void {
    for (const chart of this.charts.values()) chart.draw();
  }

  /** begin puts charts where there was nothing to draw yet, as after an install. */
  private async begin(): Promise<void> {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.querySelector<HTMLElement>("[data-charts]");
    if (!fresh?.querySelector("[data-chart]")) return;
    this.root.replaceWith(document.adoptNode(fresh));
    all = all.filter((charts) => charts !== this).concat(new Charts(fresh));
  }

  /** load asks for the figures, and again when there is a new point. */
  private async load(): Promise<void> {
    clearTimeout(this.timer);
    if (!this.root.isConnected || document.hidden || document.querySelector(".app-failed")) return; // nothing is left of a failed install
    const mine = ++this.asked;
    let next = 30;
    try {
      const answer = await fetch(`${this.root.dataset.charts}?range=${this.range}`, { headers: { Accept: "application/json" } });
      if (mine !== this.asked) return;
      if (answer.ok) {
        const data = (await answer.json()) as Data;
        next = Math.max(5, data.step);
        if (!this.charts.size && data.charts?.length) return await this.begin();
        for (const line of data.charts ?? []) this.charts.get(line.key)?.show(data, line);
      }
    } catch { /* away: the page says so elsewhere; the next try may work */ }
    if (mine === this.asked) this.timer = window.setTimeout(() => void this.load(), next * 1000);
  }
}

let all: Charts[] = [];
all = [...document.querySelectorAll<HTMLElement>("[data-charts]")].map((root) => new Charts(root));
const redraw = () => all.forEach((charts) => charts.redraw());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "data-accent"] });
