import { defineConfig } from 'vitest/config';

// .ci/run reads how many tests passed from a report.
const report = process.env.LSTM_LAB_TEST_REPORT;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    // Ink draws nothing until exit where it believes that it runs in CI.
    env: { CI: 'false', NO_COLOR: '', FORCE_COLOR: '' },
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    reporters: report ? ['dot', ['json', { outputFile: report }]] : ['dot'],
  },
});
