// Takes the terminal and ends in the way that its argument names, for guard.test.ts.
import { guardTerminal } from '../../src/ui/terminal/guard.ts';

const guard = guardTerminal({
  stdin: process.stdin,
  stdout: process.stdout,
  onFatal: (error) => `told: ${error instanceof Error ? error.message : error}`,
});
if (process.stdin.isTTY) process.stdin.setRawMode(true);
process.stdout.write('READY');

const ends: Record<string, () => void> = {
  return: () => {},
  quit: () => guard.restore(),
  exit: () => process.exit(3),
  throw: () =>
    void setTimeout(() => {
      throw new Error('in a timer');
    }, 10),
  reject: () => void Promise.reject(new Error('in a promise')),
  render: () => guard.fail(new Error('in render')),
  wait: () => void setInterval(() => {}, 1000),
};
ends[process.argv[2]!]!();
