// Has Lighthouse judge sign-in, home, store and an app's page of the gallery, as on a
// phone with a slow processor and a slow line, and weighs the home screen with a hundred
// apps over the wire. Exits with 1 where a score is below 95 or a weight too much.
// Run by `make audit`; other pages: node ui/assets/audit/lighthouse.mjs /machines …
import { execFile, spawn } from "node:child_process";
import * as fs from "node:fs";
import { createServer } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { launch } from "chrome-launcher";
import lighthouse, { desktopConfig } from "lighthouse";
import WebSocket from "ws";

const least = 95; // of 100
const most = { first: 150_000, next: 15_000 }; // bytes of the home screen
const categories = ["performance", "accessibility", "best-practices"];
const audit = path.dirname(new URL(import.meta.url).pathname);
const root = path.resolve(audit, "../../..");
const flags = process.argv.slice(2);
const desktop = flags.includes("--desktop");
const given = flags.filter((f) => f.startsWith("/"));
const pages = given.length ? given : ["/sign-in", "/", "/store", "/apps/miniflux"];

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "dcloud-audit-"));
let failed = false;
const judge = (good) => { if (!good) failed = true; return good ? "" : "  too bad"; };

/** gallery serves the sample cloud and tells where. */
async function gallery(...args) {
  const program = path.join(folder, "gallery");
  if (!fs.existsSync(program)) await promisify(execFile)("go", ["build", "-o", program, "./ui/gallery"], { cwd: root });
  const port = await new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => { const { port } = probe.address(); probe.close(() => done(port)); });
  });
  const server = spawn(program, ["-listen", `127.0.0.1:${port}`, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const gone = new Promise((_, no) => server.on("exit", (code) => no(new Error(`the gallery ended with ${code}`))));
  gone.catch(() => {});
  const url = `http://127.0.0.1:${port}`;
  const answers = async () => { // each try waits for the last one's refusal
    for (;;) try { return await fetch(url + "/offline"); } catch { await new Promise((next) => setTimeout(next, 50)); }
  };
  await Promise.race([answers(), gone]);
  return { url, stop: () => server.kill() };
}

const chromium = { chromePath: process.env.CHROME_PATH ?? "/usr/bin/chromium", logLevel: "silent",
  chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync"] };

/** scores prints what Lighthouse says of the pages. */
async function scores() {
  const server = await gallery();
  try {
    for (const page of pages) {
      const chrome = await launch(chromium);
      try {
        const { lhr } = await lighthouse(server.url + page, { port: chrome.port, onlyCategories: categories, logLevel: "error" }, desktop ? desktopConfig : undefined);
        if (lhr.runtimeError) throw new Error(`${page}: ${lhr.runtimeError.message}`);
        if (new URL(lhr.finalDisplayedUrl).pathname !== page) throw new Error(`${page} leads to ${lhr.finalDisplayedUrl}`);
        const of = categories.map((c) => Math.round(lhr.categories[c].score * 100));
        console.log(`${page.padEnd(16)} ${categories.map((c, k) => `${c} ${of[k]}`).join("  ")}${judge(Math.min(...of) >= least)}`);
        for (const c of categories) for (const ref of lhr.categories[c].auditRefs) {
          const a = lhr.audits[ref.id];
          if (ref.weight > 0 && a.score !== null && a.score < 0.9) console.log(`    ${c}: ${a.title} ${a.displayValue ?? ""}`);
        }
        if (process.env.AUDIT_REPORTS) fs.writeFileSync(path.join(process.env.AUDIT_REPORTS, `audit${page.replaceAll("/", "_")}.json`), JSON.stringify(lhr));
      } finally { await chrome.kill(); }
    }
  } finally { server.stop(); }
}

/** weight prints how many bytes the home screen takes, without the service worker. */
async function weight() {
  const server = await gallery("-apps", "100");
  const chrome = await launch(chromium);
  try {
    const made = await (await fetch(`http://127.0.0.1:${chrome.port}/json/new?about:blank`, { method: "PUT" })).json();
    const socket = new WebSocket(made.webSocketDebuggerUrl);
    await new Promise((done, gone) => { socket.onopen = done; socket.onerror = gone; });
    let id = 0, bytes = 0, streams = new Set(), waiting = new Map(), loaded = () => {};
    const call = (method, params = {}) => new Promise((done) => { waiting.set(++id, done); socket.send(JSON.stringify({ id, method, params })); });
    socket.onmessage = ({ data }) => {
      const m = JSON.parse(data);
      if (m.id) { waiting.get(m.id)?.(m.result); return; }
      // The encoded length of an answer without its body is that of its headers.
      if (m.method === "Network.responseReceived" && m.params.type === "EventSource") streams.add(m.params.requestId);
      if (m.method === "Network.loadingFinished" && !streams.has(m.params.requestId)) bytes += m.params.encodedDataLength;
      if (m.method === "Page.loadEventFired") loaded();
    };
    await call("Network.enable");
    await call("Page.enable");
    await call("Network.setBypassServiceWorker", { bypass: true });
    for (const visit of ["first", "next"]) {
      bytes = 0;
      const done = new Promise((d) => (loaded = d));
      await call("Page.navigate", { url: server.url + "/" });
      await done;
      await call("Runtime.evaluate", { awaitPromise: true, expression: "new Promise((d) => requestIdleCallback(() => setTimeout(d, 1500)))" });
      console.log(`home, 100 apps   ${visit} visit ${(bytes / 1000).toFixed(1)} KB of ${most[visit] / 1000} KB${judge(bytes <= most[visit])}`);
      await call("Page.navigate", { url: "about:blank" });
    }
    socket.close();
  } finally { await chrome.kill(); server.stop(); }
}

try {
  await weight();
  await scores();
} finally { fs.rmSync(folder, { recursive: true, force: true }); }
process.exit(failed ? 1 : 0);
