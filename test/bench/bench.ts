import { availableParallelism, cpus } from 'node:os';
import { benchEngines } from './engines.ts';
import { benchKeys } from './keys.ts';
import { markdown } from './measure.ts';
import { benchGates, benchOpen } from './open.ts';
import { benchPeers } from './peers.ts';
import { benchStart } from './start.ts';

const SECTIONS: Readonly<Record<string, () => Promise<string>>> = {
  start: async () => markdown(['start', 'ms', 'of node -e 0'], await benchStart()),
  keys: async () => markdown(['key → frame at 120×36', 'median ms', 'p95 ms', 'bytes a key'], await benchKeys()),
  engines: async () => {
    const engines = ['reference', 'kernel', 'simd'].map((name) => `${name} µs/timestep`);
    return markdown(['(input, units), whole trace', ...engines, 'reference / simd'], await benchEngines());
  },
  open: async () =>
    markdown(['a large file, in a fresh process', 'ms', 'of readFile', 'memory beyond node -e 0'], await benchOpen()),
  gates: async () => markdown(['start to printed gates', 'ms', 'of node -e 0'], await benchGates()),
  peers: async () => {
    const { head, rows } = await benchPeers();
    return `One LSTM, 200 timesteps, prepared beforehand, all gates and states kept and read back; medians of interleaved rounds.\n\n${markdown(head, rows)}`;
  },
};

// Absolute figures move with the machine; the ratios are of one run. Run: npm run bench, with names of sections for those alone, or with --peers for all.
const given = process.argv.slice(2);
const named = given.filter((name) => Object.hasOwn(SECTIONS, name));
const all = Object.keys(SECTIONS).filter((name) => name !== 'peers' || given.includes('--peers'));
console.log(`Node ${process.version}, ${availableParallelism()} × ${cpus()[0].model}`);
for (const name of named.length > 0 ? named : all) console.log(`\n${await SECTIONS[name]()}`);
