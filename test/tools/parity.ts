import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { type ComparedTrace, compareSummaries, compareTraces, type SummaryRow } from '../golden/compare-traces.ts';

/*
 * `npm run parity -- FOLDER`: opens every model file beside a case.json with the command a user would type, and compares its trace with the numbers
 * of the framework that made it. Prints a table with the worst difference of each file, and totals. Exits with 1 where something differs. A second
 * argument names another program than bin/lstm-lab.js.
 */

interface CaseFile extends ComparedTrace {
  readonly files?: readonly string[];
  readonly refuse?: 'must' | 'may';
  readonly expect?: string;
  readonly parameters?: number;
  readonly summary?: readonly SummaryRow[];
  readonly runs?: readonly ComparedTrace[];
  /** Cases of training: derivatives of a loss, and no trace. */
  readonly loss?: string;
}

interface Result {
  readonly file: string;
  readonly outcome: 'agrees' | 'differs' | 'refused' | 'incomplete' | 'failed';
  readonly worst: number | null;
  readonly says: string;
}

/** Agreement is to 1e-5 of the larger of 1 and the array's largest value. */
const TOLERANCE = 1e-5;

const [root, program = 'bin/lstm-lab.js'] = process.argv.slice(2);
if (root === undefined) {
  process.stderr.write('npm run parity -- FOLDER: a folder of folders with model files and a case.json\n');
  process.exit(2);
}

const jobs = caseFolders(root).flatMap((folder) => modelFiles(folder).map((file) => () => check(folder, file)));
const results: Result[] = [];
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) results.push(await job());
  }),
);
results.sort((a, b) => a.file.localeCompare(b.file));
print(['file', 'outcome', 'worst difference', '']);
print(['---', '---', '---', '---']);
for (const { file, outcome, worst, says } of results)
  print([file, outcome, worst === null ? '' : worst.toExponential(1), says.replaceAll('|', '\\|')]);
const count = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome).length;
const largest = Math.max(
  0,
  ...results.flatMap(({ outcome, worst }) => (outcome === 'agrees' && worst !== null ? [worst] : [])),
);
process.stdout.write(
  `\n${results.length} files: ${count('agrees')} agree (worst ${largest.toExponential(1)}), ${count('refused')} are refused as they should or may be, ${count('incomplete')} are incomplete, ${count('differs')} differ, ${count('failed')} fail\n`,
);
process.exitCode = count('differs') + count('failed') > 0 ? 1 : 0;

function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

function caseFolders(folder: string): string[] {
  if (existsSync(join(folder, 'case.json'))) return [folder];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory())
    .flatMap(caseFolders)
    .sort();
}

/** The files of a case that are models; shards, external data and configurations that only come with others are not. */
function modelFiles(folder: string): string[] {
  const { files = [], loss } = read(folder);
  if (loss !== undefined) return [];
  return files.filter((file) => {
    if (/\.(bin|data)$|shard\d|weights\.json$|vocab|_biases$|_b$/.test(file)) return false;
    if (file.endsWith('.yaml')) return false;
    return file !== 'model.json' || isTfjs(join(folder, file));
  });
}

function isTfjs(file: string): boolean {
  return Object.hasOwn(JSON.parse(readFileSync(file, 'utf8')), 'weightsManifest');
}

function read(folder: string): CaseFile {
  return JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'));
}

async function check(folder: string, file: string): Promise<Result> {
  const expected = read(folder);
  const name = join(relative(root, folder), file);
  const weightsOnly = /weights\.h5$/.test(file);
  const args = [
    'trace',
    join(folder, file),
    ...(expected.inputs || expected.runs ? ['--input', join(folder, 'case.json')] : []),
    ...(weightsOnly ? ['--config', join(folder, 'model.json')] : []),
    '--format',
    'json',
  ];
  const { status, stdout, stderr } = await run([program, ...args]);
  const says = stderr.trim().split('\n').at(-1)?.replace('lstm-lab: ', '').replace(join(folder, file), file) ?? '';
  if (status !== 0) {
    const allowed = status === 65 && (expected.refuse !== undefined || expected.expect?.startsWith('refuse'));
    return { file: name, outcome: allowed ? 'refused' : 'failed', worst: null, says: `exit ${status}: ${says}` };
  }
  if (expected.refuse === 'must') return { file: name, outcome: 'failed', worst: null, says: 'it was opened' };
  const trace = JSON.parse(stdout) as ComparedTrace & { runs?: ComparedTrace[]; incomplete?: { layer: string }[] };
  // How branches meet may not be in the file: then the layers are compared, not what comes out.
  const partial = expected.expect?.startsWith('partial');
  const wanted = (expected.runs ?? [expected]).map((run) => (partial ? { ...run, outputs: undefined } : run));
  const got = trace.runs ?? [trace];
  const found = wanted.map((run, at) => compareTraces(got[at], run));
  const worst = Math.max(...found.map((one) => one.worst));
  const wrong = [...found.flatMap((one) => one.problems), ...(await summaryProblems(args, expected))];
  if (got.length !== wanted.length) wrong.unshift(`${got.length} runs instead of ${wanted.length}`);
  const partly = trace.incomplete !== undefined;
  const outcome = wrong.length > 0 || !(worst <= TOLERANCE) ? 'differs' : partly ? 'incomplete' : 'agrees';
  const what = found.find((one) => one.worst === worst)?.where ?? '';
  return { file: name, outcome, worst, says: outcome === 'agrees' ? '' : (wrong[0] ?? `${what}`) || says };
}

/** What `lstm-lab summary` says against what Keras's summary() said, where the case has it. */
async function summaryProblems([, file, ...args]: readonly string[], { summary }: CaseFile): Promise<string[]> {
  if (summary === undefined) return [];
  const config = args.includes('--config') ? ['--config', args[args.indexOf('--config') + 1]] : [];
  const { status, stdout, stderr } = await run([program, 'summary', file, ...config, '--json']);
  return status === 0
    ? compareSummaries(JSON.parse(stdout).layers, summary)
    : [`summary exits with ${status}: ${stderr.trim()}`];
}

function run(args: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream]?.on('data', (chunk: Buffer) => chunks[stream].push(chunk));
    child.on('close', (status) =>
      resolve({
        status,
        stdout: Buffer.concat(chunks.stdout).toString(),
        stderr: Buffer.concat(chunks.stderr).toString(),
      }),
    );
  });
}
