import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

// Makes dist/ of src/. Run: npm run build

const root = fileURLToPath(new URL('..', import.meta.url));
const src = `${root}src/`;

/**
 * What `lstm-lab trace model.keras` loads, by the modules that it begins with; what these import comes along. Left to itself the bundler makes
 * a file of everything that two commands share, and fifty small files take longer to load than to run.
 */
const core = /\/src\/(cli\/program|engines\/simd\/simd|formats\/(chunks|zip\/))/;

/**
 * What the lab has no use for: node:child_process, which commander loads for subcommands that are programs of their own and which is a good
 * part of the lab's own start; and React's developer tools, which Ink looks for, and misses aloud, where the environment says DEV=true.
 */
const lean = {
  name: 'lean',
  resolveId: {
    filter: { id: /^node:child_process$/ },
    handler: (_, importer) => (importer?.includes('/commander/') ? '\0nothing' : null),
  },
  load: { filter: { id: /^\0nothing$|ink.build.devtools\.js$/ }, handler: () => 'export {};' },
};

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  cwd: root,
  input: { main: `${src}cli/main.ts`, 'check-worker': `${src}cli/check-worker.ts`, index: `${src}index.ts` },
  platform: 'node',
  plugins: [lean],
  resolve: { alias: { 'string-width': `${src}ui/terminal/string-width.ts` } },
  transform: {
    target: 'node20',
    // Emscripten's loader would fetch its WebAssembly, which is inlined.
    define: { 'process.env.NODE_ENV': '"production"', fetch: 'undefined' },
  },
  output: {
    dir: 'dist',
    chunkFileNames: '[name]-[hash].js',
    minify: true,
    codeSplitting: {
      groups: [{ name: 'core', test: core }],
    },
  },
});
