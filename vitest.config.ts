import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Ink draws nothing until exit where it believes that it runs in CI.
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    env: { CI: 'false', NO_COLOR: '', FORCE_COLOR: '' },
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
  },
});
