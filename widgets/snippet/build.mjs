// Builds the committed files of hub_widgets. The same input gives the same bytes.
import { build, transform } from "esbuild";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { minify } from "terser";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../hub_widgets/static");

const css = {
  name: "css-text",
  setup(b) {
    b.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true });
      // esbuild keeps the spaces inside custom properties.
      return { contents: code.trim().replace(/(--\w): /g, "$1:").replace(/, #/g, ",#"), loader: "text" };
    });
  },
};

async function bundle(entry, file, { render = true, whole = false, format = "iife" } = {}) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: join(out, file || "nowhere.js"),
    write: false,
    bundle: true,
    format,
    target: "es2019",
    supported: { "dynamic-import": true },
    minify: true,
    charset: "utf8",
    legalComments: "none",
    define: { RENDER: String(render), WHOLE: String(whole) },
    plugins: [css],
  });
  // A second look saves another 2 %.
  const { code } = await minify(outputFiles[0].text, {
    module: format === "esm",
    ecma: 2019,
    compress: { passes: 3, unsafe_arrows: true, unsafe_methods: true },
    format: { comments: false },
  });
  if (file) await writeFile(join(out, file), code + "\n");
  return gzipSync(code + "\n", { level: 9 }).length;
}

await mkdir(out, { recursive: true });
const core = await bundle("src/main.ts", "", { render: false });
const s = await bundle("src/main.ts", "s.js");
const consent = await bundle("src/consent/watch.ts", "consent.js", { format: "esm" });
const whole = await bundle("src/main.ts", "s.whole.js", { whole: true });
await bundle("src/preview.ts", "preview.js");
await bundle("src/shims/spotler.ts", "sqzl.js");
await bundle("src/shims/segment.ts", "analytics.js");
for (const name of ["preview.html", "preview.css"]) await copyFile(join(here, "src", name), join(out, name));
console.log(JSON.stringify({ core_gzip: core, whole_gzip: s, consent_gzip: consent, pinned_gzip: whole }));
