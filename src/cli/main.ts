import { version } from './version.ts';

// The commonest questions are answered before anything is loaded.
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`${version}\n`);
} else {
  const { explainError } = await import('./exit.ts');
  try {
    const { run } = await import('./program.ts');
    process.exitCode = await run(args);
  } catch (error) {
    const { message, code } = explainError(error);
    process.stderr.write(`${message}\n`);
    process.exitCode = code;
  }
}
