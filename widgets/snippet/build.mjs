// Builds the committed files of hub_widgets. The same input gives the same bytes.
import { build, transform } from "esbuild";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

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

async function bundle(entry, file, render) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outfile: file,
    write: file !== "",
    bundle: true,
    format: "iife",
    target: "es2019",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    define: { RENDER: String(render) },
    plugins: [css],
  });
  const bytes = outputFiles ? outputFiles[0].contents : await readFile(file);
  return gzipSync(bytes, { level: 9 }).length;
}

await mkdir(out, { recursive: true });
const core = await bundle("src/main.ts", "", false);
const whole = await bundle("src/main.ts", join(out, "s.js"), true);
await bundle("src/preview.ts", join(out, "preview.js"), true);
for (const name of ["preview.html", "preview.css"]) await copyFile(join(here, "src", name), join(out, name));
console.log(JSON.stringify({ core_gzip: core, whole_gzip: whole }));
