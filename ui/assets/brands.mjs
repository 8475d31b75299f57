// The icons of apps: all of simple-icons under their slugs, and those that
// src/icons.json names. shapes is one compressed shape after the other; index says
// where each is, one line a name, sorted by bytes so that it can be searched:
//
//   NAME KIND COLOUR OFFSET LENGTH
//
// KIND is "fill" for the data of one path, "line" for elements that are stroked. Both
// are drawn for a square of 24.
import * as fs from "node:fs";
import { deflateRawSync } from "node:zlib";
import * as simple from "simple-icons";

export async function brands() {
  const lines = new Map();
  const parts = [];
  let offset = 0;
  const add = (name, kind, hex, shape) => {
    const bytes = deflateRawSync(shape, { level: 9 });
    lines.set(name, `${name} ${kind} ${hex.toLowerCase()} ${offset} ${bytes.length}`);
    parts.push(bytes);
    offset += bytes.length;
  };
  const all = Object.values(simple).filter((i) => i?.slug && i.path).sort((a, b) => (a.slug < b.slug ? -1 : 1));
  for (const icon of all) add(icon.slug, "fill", icon.hex, icon.path);
  for (const [name, is] of Object.entries(JSON.parse(fs.readFileSync("src/icons.json", "utf8")))) {
    if (is.slug) {
      const line = lines.get(is.slug);
      if (!line) throw new Error(`src/icons.json: ${name}: simple-icons has no ${is.slug}`);
      lines.set(name, [name, ...line.split(" ").slice(1)].join(" "));
      continue;
    }
    const file = `node_modules/lucide-static/icons/${is.lucide}.svg`;
    if (!fs.existsSync(file)) throw new Error(`src/icons.json: ${name}: Lucide has no icon ${is.lucide}`);
    const svg = fs.readFileSync(file, "utf8");
    add(name, "line", is.colour, svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>")).replace(/\s*\n\s*/g, ""));
  }
  return { index: [...lines.keys()].sort().map((n) => lines.get(n) + "\n").join(""), shapes: Buffer.concat(parts) };
}
