// Tests that take longer than a person waits for; CI runs them too.
export default {
  files: ['dist/test/**/*.slow.test.js'],
  workerThreads: false,
  concurrency: 2,
  // Threads of OpenMP that have no core of their own wait for each other by turning: two files at a time took ten times as long.
  environmentVariables: { OMP_NUM_THREADS: '1' },
  timeout: '30m',
};
