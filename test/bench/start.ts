import { spawn, spawnSync } from 'node:child_process';
import { median } from './measure.ts';

const ROUNDS = 15;

/** Milliseconds from the start of the process, in interleaved rounds, and their ratio to `node -e 0`. */
export async function benchStart(): Promise<string[][]> {
  const cases: [string, () => Promise<number>][] = [
    ['node -e 0', () => wholeRun(['-e', '0'])],
    ['lstm-lab --version', () => wholeRun(['bin/lstm-lab.js', '--version'])],
    ['lstm-lab --help', () => wholeRun(['bin/lstm-lab.js', '--help'])],
    ['first frame of return-sequences, in a terminal', () => firstFrame('return-sequences')],
    ['first frame of sentiment, in a terminal', () => firstFrame('sentiment')],
    ['first frame of stacked, in a terminal', () => firstFrame('stacked')],
    ['lstm-lab show return-sequences', () => wholeRun(['bin/lstm-lab.js', 'show', 'return-sequences'])],
  ];
  const times = cases.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, [, run]] of cases.entries()) times[at].push(await run());
  }
  const base = median(times[0]);
  return cases.map(([name], at) => [name, median(times[at]).toFixed(0), `${(median(times[at]) / base).toFixed(2)}×`]);
}

async function wholeRun(args: readonly string[]): Promise<number> {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}`);
  return performance.now() - start;
}

/** Until the screen of a real terminal (util-linux's `script` makes one) shows the title and the footer. */
function firstFrame(preset: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const command = `stty cols 120 rows 36; exec ${process.execPath} bin/lstm-lab.js ${preset}`;
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, TERM: 'xterm-256color' },
    });
    let seen = '';
    const timer = setTimeout(() => finish(new Error(`no frame of ${preset} within 10 s`)), 10_000);
    const finish = (error?: Error) => {
      const time = performance.now() - start;
      clearTimeout(timer);
      child.stdin.end('q');
      child.once('close', () => (error ? reject(error) : resolve(time)));
      setTimeout(() => child.kill('SIGKILL'), 1000).unref();
    };
    child.stdout.on('data', (chunk: Buffer) => {
      const before = seen;
      seen += chunk.toString();
      if (!before.includes('quit') && seen.includes('quit')) finish();
    });
    child.on('error', reject);
  });
}
