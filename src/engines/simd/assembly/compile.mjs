// Compiles the kernels and writes them as a module, so that the bundle and the tests have them without reading a file. Run: npm run build:simd
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../wasm.ts', import.meta.url));
const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (readdirSync(folder).some((file) => changed(folder + file) >= changed(target))) {
  // Loaded only where something changed: the compiler takes a second to start.
  const { default: asc } = await import('assemblyscript/asc');
  let wasm;
  // No allocator and no checks: the engine lays out the memory.
  const options = ['--enable', 'simd', '--runtime', 'stub', '--noAssert', '--use', 'abort='];
  const { error, stderr } = await asc.main(['index.ts', '--baseDir', folder, '-O3', '--outFile', 'wasm', ...options], {
    writeFile: (_name, content) => {
      wasm = content;
    },
  });
  if (error) {
    process.stderr.write(`${stderr}`);
    process.exit(1);
  }
  writeFileSync(
    target,
    `/** The kernels, compiled from assembly/. */\nexport const wasm =\n  '${Buffer.from(wasm).toString('base64')}';\n`,
  );
}
