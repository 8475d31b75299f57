// Bundles what browsers load from src and npm's packages into dist:
//
//   src/*.ts         each a script of its own (panel.ts is on every page)
//   src/panel.css    and what it imports, with all of src/pages/*.css
//   src/lucide.txt   the names of the icons that icons.svg is made of, beside those
//                    that templates name, and code as Icon: "name"
//   src/icons.json   which icon an app has where it is not that of its own name
//
// Files get names that carry their content's hash (manifest.json says which), and lie
// beside their compressed forms. brands.idx and brands.bin hold the apps' icons. The
// same sources give the same bytes. Run by `make assets`.
import * as esbuild from "esbuild";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { brands } from "./brands.mjs";

process.chdir(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname));

const dist = "dist";
const keep = new Set([".keep"]);
const manifest = {};

/** put writes a file into dist so that nobody ever reads half of it. */
function put(name, content) {
  const temporary = path.join(dist, `.${name}.${process.pid}`);
  fs.writeFileSync(temporary, content);
  fs.renameSync(temporary, path.join(dist, name));
  keep.add(name);
}

/** serve puts a text file and its compressed forms under a name with its hash. */
function serve(name, content) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}.${hash}${ext}`;
  put(hashed, bytes);
  put(`${hashed}.br`, brotliCompressSync(bytes, { params: {
    [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
  put(`${hashed}.gz`, gzipSync(bytes, { level: 9 }));
  manifest[name] = hashed;
}

/** files lists what lies in a folder and ends so, in order. */
const files = (dir, ext) => fs.readdirSync(dir).filter((f) => f.endsWith(ext)).sort();

async function bundle(options) {
  const result = await esbuild.build({
    absWorkingDir: process.cwd(), bundle: true, minify: true, write: false, outdir: dist, legalComments: "none", charset: "utf8",
    target: ["chrome123", "firefox128", "safari17.5"], logLevel: "warning", ...options,
  });
  for (const out of result.outputFiles) {
    const name = path.basename(out.path).replace(/^stdin/, "panel");
    if (manifest[name]) throw new Error(`two files want the name ${name}`);
    serve(name, out.contents);
  }
}

/** sprite makes one file of the line icons that the panel uses. */
function sprite() {
  const from = "node_modules/lucide-static/icons";
  const wanted = new Set(fs.readFileSync("src/lucide.txt", "utf8").split("\n").map((l) => l.trim()).filter((l) => l && !l.startsWith("#")));
  for (const name of wanted) {
    if (!fs.existsSync(`${from}/${name}.svg`)) throw new Error(`src/lucide.txt: Lucide has no icon ${name}`);
  }
  for (const file of pages("..")) {
    for (const [, part, given] of fs.readFileSync(file, "utf8").matchAll(/"icon" \(part \S+ "([a-z0-9-]+)"\)|\bIcon"?:? +"([a-z0-9-]+)"/g)) {
      const name = part ?? given;
      if (!fs.existsSync(`${from}/${name}.svg`)) {
        console.warn(`${file}: Lucide has no icon ${name}`);
        continue;
      }
      wanted.add(name);
    }
  }
  const symbols = [...wanted].sort().map((name) => {
    const svg = fs.readFileSync(`${from}/${name}.svg`, "utf8");
    const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
  });
  serve("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
}

/** pages lists the panel's templates and their code. */
function pages(dir) {
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const at = path.join(dir, e.name);
    if (e.isDirectory()) return e.name === "assets" ? [] : pages(at);
    return e.name.endsWith(".html") || e.name.endsWith(".go") && !e.name.endsWith("_test.go") ? [at] : [];
  }).sort();
}

fs.mkdirSync(dist, { recursive: true });
await bundle({ entryPoints: files("src", ".ts").map((f) => `src/${f}`), format: "esm" });
await bundle({
  stdin: {
    contents: fs.readFileSync("src/panel.css", "utf8") + files("src/pages", ".css").map((f) => `@import "./pages/${f}";\n`).join(""),
    loader: "css", resolveDir: path.resolve("src"), sourcefile: "panel.css",
  },
});
sprite();
serve("icon.svg", fs.readFileSync("src/icon.svg"));
const { index, shapes } = await brands();
put("brands.idx", index);
put("brands.bin", shapes);
put("manifest.json", JSON.stringify(Object.fromEntries(Object.entries(manifest).sort()), null, 1) + "\n");
for (const name of fs.readdirSync(dist)) {
  if (!keep.has(name) && !name.startsWith(".")) fs.rmSync(path.join(dist, name));
}
