import { cpus } from 'node:os';
import { benchEngines } from './engines.ts';
import { benchKeys } from './keys.ts';
import { markdown } from './measure.ts';
import { benchOpen } from './open.ts';
import { benchPeers } from './peers.ts';
import { benchStart } from './start.ts';

// Absolute figures move with the machine; the ratios are of one run. Run: npm run bench
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0].model}\n`);
console.log(markdown(['start', 'ms', 'of node -e 0'], await benchStart()));
console.log(`\n${markdown(['key → frame at 120×36', 'median ms', 'p95 ms', 'bytes a key'], await benchKeys())}`);
console.log(
  `\n${markdown(['(input, units), whole trace', 'reference µs/timestep', 'kernel µs/timestep', 'simd µs/timestep', 'reference / simd'], await benchEngines())}`,
);
console.log(
  `\n${markdown(['a large file, in a fresh process', 'ms', 'of readFile', 'memory beyond node -e 0'], await benchOpen())}`,
);
if (process.argv.includes('--peers')) {
  const { head, rows } = await benchPeers();
  console.log(`\n200 timesteps, prepared beforehand, all quantities read back:\n\n${markdown(head, rows)}`);
}
