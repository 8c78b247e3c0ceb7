// Runs the main job from a fresh clone: says at once what happens, builds, and runs the quickstart.
import { spawnSync } from 'node:child_process';

const say = (line) => process.stderr.write(`${line}\n`);

function run(command, args) {
  const { status, signal } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? 1);
}

say('building repnas');
run('npm', ['run', '--silent', 'build']);
say('training a deep network on handwritten digits, searched and plain');
run(process.execPath, ['dist/core/app/cli/main.js', 'run', 'repnas:quickstart', '--force', ...process.argv.slice(2)]);
