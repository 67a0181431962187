import { version } from './version.ts';

// Where the reader has gone (`| head -1`) nobody misses the rest; what else goes wrong with the output makes the exit code 74.
let outputFailed = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    outputFailed ||= code !== 'EPIPE';
  });
}
process.on('exit', () => {
  if (outputFailed) process.exitCode = 74;
});

// The commonest questions are answered before anything is loaded.
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  const { explainError, run } = await import('./program.ts');
  try {
    process.exitCode = await run(args, version);
  } catch (error) {
    const { message, code } = explainError(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = code;
    // Given up: what a reader has not taken by now would keep the process.
    if (code > 128) process.exit();
  }
}
