// Bundles the pages into dist/web: one HTML file, one script and one style sheet each, nothing inline.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const OUT = fileURLToPath(new URL('../dist/web/', import.meta.url));
const PAGES = {
  worklist: 'Worklist',
  viewer: 'Study',
  monitoring: 'Monitoring',
  deliveries: 'Deliveries',
  'sign-in': 'Sign in',
};

const html = (name, title) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="dark">
    <title>${title} · PCE</title>
    <link rel="icon" href="/worklist/assets/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/worklist/assets/style.css">
    <script type="module" src="/worklist/assets/${name}.js"></script>
  </head>
  <body>
    <div id="app"><noscript>This page needs JavaScript.</noscript></div>
  </body>
</html>
`;

await rm(OUT, { recursive: true, force: true });
await mkdir(`${OUT}assets`, { recursive: true });
await build({
  absWorkingDir: HERE,
  entryPoints: [
    ...Object.keys(PAGES).map((name) => ({ in: `pages/${name}.tsx`, out: name })),
    { in: 'styles/style.css', out: 'style' },
    { in: 'styles/icon.svg', out: 'icon' },
  ],
  outdir: `${OUT}assets`,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['chrome111', 'firefox115', 'safari16.4'],
  minify: true,
  sourcemap: 'linked',
  legalComments: 'linked',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.svg': 'copy' },
  conditions: ['source'],
  logLevel: 'warning',
});
await Promise.all(Object.entries(PAGES).map(([name, title]) => writeFile(`${OUT}${name}.html`, html(name, title))));
