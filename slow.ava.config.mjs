// Tests that take longer than a person waits for; CI runs them too.
export default {
  files: ['dist/test/**/*.slow.test.js'],
  workerThreads: false,
  concurrency: 1,
  timeout: '30m',
};
