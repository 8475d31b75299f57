// A shell in an app's container: xterm over a WebSocket. What is typed and what the
// shell writes goes as binary messages, the size and the end as JSON.
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { stylesAsObjects } from "./terminal/styles";

const piece = 16 << 10; // bytes of a paste that go at once; the server takes 64 KB

function open(screen: HTMLElement): void {
  const section = screen.closest("section")!;
  const status = section.querySelector<HTMLElement>("[data-terminal-status]")!;
  const again = section.querySelector<HTMLButtonElement>("[data-terminal-again]")!;
  const words = screen.dataset;
  const term = new Terminal({
    cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    screenReaderMode: true, scrollback: 2000, fontSize: 14,
    fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace",
    theme: { background: "#0b0c10", foreground: "#e6e6ea", cursor: "#e6e6ea" },
  });
  const fit = new FitAddon();
  term.loadAddon(fit);
  term.open(screen);
  term.textarea?.setAttribute("aria-label", words.label ?? "");
  fit.fit();
  // Tab belongs to the shell; this way out is said in the label.
  term.attachCustomKeyEventHandler((event) => {
    if (event.type === "keydown" && event.key === "Escape" && event.ctrlKey && event.shiftKey) {
      (again.hidden ? section.querySelector<HTMLElement>("select, a, button:not([hidden])") ?? document.getElementById("main") : again)?.focus();
      return false;
    }
    return true;
  });

  let socket: WebSocket | undefined;
  const send = (data: string | Uint8Array<ArrayBuffer>) => { if (socket?.readyState === WebSocket.OPEN) socket.send(data); };
  const type = (bytes: Uint8Array<ArrayBuffer>) => { for (let k = 0; k < bytes.length; k += piece) send(bytes.slice(k, k + piece)); };
  const encoder = new TextEncoder();
  term.onData((text) => type(encoder.encode(text)));
  term.onBinary((text) => type(Uint8Array.from(text, (c) => c.charCodeAt(0) & 255)));
  term.onResize(({ cols, rows }) => send(JSON.stringify({ width: cols, height: rows })));
  new ResizeObserver(() => { if (screen.clientWidth > 0) fit.fit(); }).observe(screen);

  const ended = (text: string) => {
    status.textContent = text;
    term.options.disableStdin = true;
    term.write(`\r\n\x1b[2m${text.replace(/[\x00-\x1f\x7f-\x9f]/g, " ")}\x1b[0m\r\n`);
    again.hidden = false;
  };

  const connect = () => {
    again.hidden = true;
    term.reset();
    term.options.disableStdin = false;
    const url = new URL(words.terminal!, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("width", String(term.cols));
    url.searchParams.set("height", String(term.rows));
    const mine = (socket = new WebSocket(url));
    mine.binaryType = "arraybuffer";
    let told = false;
    mine.onopen = () => { status.textContent = words.connected ?? ""; term.focus(); };
    mine.onmessage = ({ data }) => {
      if (typeof data !== "string") { term.write(new Uint8Array(data as ArrayBuffer)); return; }
      const end = JSON.parse(data) as { end: string; hint?: string };
      told = true;
      ended(end.hint ? `${end.end} ${end.hint}` : end.end);
    };
    mine.onclose = () => { if (!told) ended(words.broken ?? ""); };
  };
  again.addEventListener("click", connect);
  window.addEventListener("pagehide", () => socket?.close());
  connect();
}

stylesAsObjects();
document.querySelectorAll<HTMLElement>("[data-terminal]").forEach(open);
