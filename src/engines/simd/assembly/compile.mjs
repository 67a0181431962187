// Compiles the kernels and writes them as a module, so that the bundle and the tests have them without reading a file. Run: npm run build:simd
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../wasm.ts', import.meta.url));
const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

// No allocator and no checks: the engine lays out the memory.
const OPTIONS = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--noAssert', '--use', 'abort=', '--importMemory'];

/** As much memory as there can be, 4 GB; it is taken as it is needed. */
const SHARED = ['--enable', 'threads', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'];

async function compiled(...options) {
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

if (readdirSync(folder).some((file) => changed(folder + file) >= changed(target))) {
  const alone = await compiled();
  const shared = await compiled(...SHARED);
  writeFileSync(
    target,
    `/** The kernels, compiled from assembly/. */\nexport const wasm =\n  '${alone}';\n\n/** The same for a memory that threads share. */\nexport const wasmForThreads =\n  '${shared}';\n`,
  );
}
