// Compiles what is written in AssemblyScript, as modules, so that the bundle and the tests have it without reading a file. Run: npm run build:simd
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pathOf = (place) => fileURLToPath(new URL(place, import.meta.url));
const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// No allocator and no checks: who uses it lays out the memory.
const OPTIONS = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert', '--use', 'abort=', '--importMemory'];

/** As much memory as there can be, 4 GB; it is taken as it is needed. */
const SHARED = ['--enable', 'threads', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];

/** Folders, the modules that are made of them, and what those export. */
const MODULES = [
  {
    folder: pathOf('./'),
    target: pathOf('../wasm.ts'),
    exports: [
      { name: 'wasm', about: 'The kernels, compiled from assembly/.', options: [] },
      { name: 'wasmForThreads', about: 'The same for a memory that threads share.', options: SHARED },
    ],
  },
  {
    folder: pathOf('../../../formats/number-text/assembly/'),
    target: pathOf('../../../formats/number-text/wasm.ts'),
    exports: [{ name: 'wasm', about: 'Numbers of float32 as text, compiled from assembly/.', options: [] }],
  },
];

async function compiled(folder, options) {
  // Loaded only where something changed: the compiler takes a second to start.
  const { default: asc } = await import('assemblyscript/asc');
  let wasm;
  const all = ['index.ts', '--baseDir', folder, '--outFile', 'wasm', ...OPTIONS, ...options];
  const { error, stderr } = await asc.main(all, {
    writeFile: (_name, content) => {
      wasm = content;
    },
  });
  if (error) {
    process.stderr.write(`${stderr}`);
    process.exit(1);
  }
  return Buffer.from(wasm).toString('base64');
}

for (const { folder, target, exports } of MODULES) {
  const sources = [fileURLToPath(import.meta.url), ...readdirSync(folder).map((file) => folder + file)];
  if (!sources.some((path) => changed(path) >= changed(target))) continue;
  const parts = [];
  for (const { name, about, options } of exports)
    parts.push(`/** ${about} */\nexport const ${name} =\n  '${await compiled(folder, options)}';\n`);
  writeFileSync(target, parts.join('\n'));
}
