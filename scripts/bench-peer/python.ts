import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A virtual environment set up for it; the path's; Debian's python3-torch, which belongs to the system's Python whatever stands first there. */
const CANDIDATES = ['.peer/bin/python', 'python3', '/usr/bin/python3'];

/**
 * The Python that has PyTorch: the given one, or the first that can import it.
 * @throws Error saying what to install where there is none.
 */
export async function findPython(given: string | undefined): Promise<string> {
  const tried: string[] = [];
  for (const python of given === undefined ? CANDIDATES : [given]) {
    try {
      await promisify(execFile)(python, ['-c', 'import torch']);
      return python;
    } catch (error) {
      const stderr = (error as { stderr?: string }).stderr?.trim().split('\n').at(-1);
      tried.push(`${python}: ${stderr || (error as Error).message}`);
    }
  }
  throw new Error(
    `no Python here has PyTorch, which is what the comparison is with:\n${tried.map((line) => `  ${line}`).join('\n')}\n` +
      'Install it with `python3 -m venv .peer && .peer/bin/pip install torch numpy`, or on Debian with `apt-get install python3-torch`; ' +
      'another Python is named with --python PATH.',
  );
}
