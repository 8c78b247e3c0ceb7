// Makes `npx repnas` run this clone, as npm links the commands of installed packages only.
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';

const bin = new URL('../node_modules/.bin/', import.meta.url);
const main = new URL('../dist/core/app/cli/main.js', import.meta.url);
mkdirSync(bin, { recursive: true });
chmodSync(main, 0o755);
if (process.platform === 'win32')
  writeFileSync(new URL('repnas.cmd', bin), '@node "%~dp0\\..\\..\\dist\\core\\app\\cli\\main.js" %*\r\n');
else {
  rmSync(new URL('repnas', bin), { force: true });
  symlinkSync('../../dist/core/app/cli/main.js', new URL('repnas', bin));
}
