import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/** Exact versions, all of them on npm. */
export const VERSIONS = {
  'onnxruntime-node': '1.30.0',
  'onnxruntime-web': '1.30.0',
  '@tensorflow/tfjs-core': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
} as const;

/** A cache, where they are none of the package's own. */
const folder = resolve('node_modules/.cache/lstm-lab-peers');

/** Installs the peers where they are not yet, and returns what loads them. */
export function peerPackages(): { require: NodeJS.Require; tfjsWasm: string } {
  if (!Object.entries(VERSIONS).every(([name, version]) => installedVersion(name) === version)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(resolve(folder, 'package.json'), JSON.stringify({ private: true, dependencies: VERSIONS }));
    console.error(`installing the peers into ${folder}`);
    // Without scripts: onnxruntime-node would fetch what it needs for graphics cards.
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...options], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return {
    require: createRequire(resolve(folder, 'package.json')),
    tfjsWasm: `${resolve(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`,
  };
}

function installedVersion(name: string): string | undefined {
  try {
    return JSON.parse(readFileSync(resolve(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}
