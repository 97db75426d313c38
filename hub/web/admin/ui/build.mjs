// Builds the committed files of hub/web/static/ui. The same input gives the same bytes.
import { build } from "esbuild";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { compile } from "svelte/compiler";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../../static/ui");
const islands = ["activity"];

// Style goes into a file of its own: the pages allow no inline style.
const svelte = {
  name: "svelte",
  setup(b) {
    const styles = new Map();
    b.onLoad({ filter: /\.svelte$/ }, async ({ path }) => {
      const { js, css, warnings } = compile(await readFile(path, "utf8"), {
        filename: basename(path),
        generate: "client",
        css: "external",
        dev: false,
        cssHash: ({ name, hash, css: text }) => `i-${hash(name + text)}`,
      });
      if (warnings.length) throw new Error(warnings.map((w) => `${basename(path)}: ${w.message}`).join("\n"));
      if (!css?.code) return { contents: js.code, loader: "ts", resolveDir: dirname(path) };
      styles.set(path, css.code);
      return { contents: `${js.code}\nimport ${JSON.stringify(`${path}?style`)};`, loader: "ts", resolveDir: dirname(path) };
    });
    b.onResolve({ filter: /\.svelte\?style$/ }, ({ path }) => ({ path, namespace: "style" }));
    b.onLoad({ filter: /.*/, namespace: "style" }, ({ path }) => ({
      contents: styles.get(path.slice(0, -"?style".length)), loader: "css",
    }));
  },
};

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: Object.fromEntries(islands.map((name) => [name, `src/${name}.ts`])),
  outdir: out,
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  conditions: ["browser", "production"],
  plugins: [svelte],
  metafile: true,
});
// Everything that went into the files keeps its licence beside them.
const packages = Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
const notices = [];
for (const name of [...new Set(packages.filter(Boolean))].sort()) {
  const folder = join(here, "node_modules", name);
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file`);
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  notices.push(`${name} ${version}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
}
await writeFile(join(out, "LICENSES.txt"), notices.join("\n----\n\n"));

const sizes = {};
for (const file of Object.keys(metafile.outputs)) {
  sizes[basename(file)] = gzipSync(await readFile(join(here, file)), { level: 9 }).length;
}
console.log(JSON.stringify(sizes));
