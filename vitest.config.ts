import { defineConfig } from 'vitest/config';

const report = process.env.PAYSTREAM_TEST_REPORT;

export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    // Two cores are the smallest machine that this is tested on; servers and clients run beside the tests.
    maxWorkers: 2,
    // A real cluster is one for all files.
    fileParallelism: process.env.PAYSTREAM_TEST_KSQLDB_URL === undefined,
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], testTimeout: 30_000 } },
      {
        test: {
          name: 'cluster',
          include: ['tests/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
