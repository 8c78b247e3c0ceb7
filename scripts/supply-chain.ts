import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

// What comes with an installation: who runs code at install, under which licences, with which known holes. `npm run supply-chain`.

/** Dependencies with an install script, and why nothing is lost when it does not run (npm's `allowScripts` denies all of them). */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  koffi:
    'compiles the binding where there is no prebuilt one; prebuilt ones come as the optional packages @koromix/koffi-*, and an engine that needs koffi says so where there is none',
  protobufjs: 'only prints a warning about version ranges; a dependency of onnxruntime-web, which tests use',
  webgpu: 'only takes the mark of a download off its prebuilt binary on macOS; an optional peer, which tests use',
};

/** Licences that ask for no more than to be named, or, for a library that is linked and not changed, to be replaceable. */
const LICENCES =
  /^(?:MIT|MIT-0|ISC|0BSD|BSD-2-Clause|BSD-3-Clause|Apache-2\.0|BlueOak-1\.0\.0|CC0-1\.0|Unlicense|Python-2\.0|LGPL-3\.0-or-later)$/;

/** Licences that a package states elsewhere than in its manifest. */
const STATED_ELSEWHERE: Readonly<Record<string, string>> = {
  // In the older form, a list of `licenses`.
  jstat: 'MIT',
};

/**
 * Findings in packages that users install, and the first version without them (GitHub's advisories, by hand): all that can
 * be held to where a registry answers no audit.
 */
const MENDED: Readonly<Record<string, readonly [version: string, finding: string]>> = {
  'ansi-regex': ['5.0.1', 'CVE-2021-3807'],
  'd3-color': ['3.1.0', 'GHSA-36jr-mh4h-2g58'],
  'js-yaml': ['4.1.1', 'CVE-2025-64718'],
  'node-fetch': ['2.6.7', 'CVE-2022-0235'],
  'nth-check': ['2.0.1', 'CVE-2021-3803'],
  protobufjs: ['7.2.5', 'CVE-2023-36665'],
  tar: ['7.5.7', 'CVE-2026-24842'],
  yaml: ['2.2.2', 'CVE-2023-2251'],
};

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Readonly<Record<string, LockedPackage>>;
};
const dependencies = Object.entries(packages).flatMap(([path, entry]) =>
  path === '' ? [] : [{ name: path.replace(/^.*node_modules\//, ''), ...entry }],
);
const shipped = dependencies.filter(({ dev }) => !dev);
const problems: string[] = [];

console.log('Install scripts, none of which is run:');
for (const { name, version, dev, hasInstallScript } of dependencies) {
  if (!hasInstallScript) continue;
  const reason = INSTALL_SCRIPTS[name];
  console.log(`  ${name} ${version}${dev ? ' (development)' : ''}: ${reason ?? 'NOT LISTED'}`);
  if (!reason)
    problems.push(`${name} ${version} has an install script that nobody has looked at; see scripts/supply-chain.ts`);
}

const licences = new Map<string, string[]>();
for (const { name, license = STATED_ELSEWHERE[name] ?? 'none stated' } of shipped)
  licences.set(license, [...(licences.get(license) ?? []), name]);
console.log(`Licences of the ${shipped.length} packages that users install:`);
for (const [licence, names] of [...licences].sort(([, a], [, b]) => b.length - a.length)) {
  console.log(`  ${licence}: ${names.length}${names.length <= 3 ? ` (${names.join(', ')})` : ''}`);
  const choices = licence.replace(/[()]/g, '').split(/ OR /);
  const fine = choices.some((choice) => choice.split(' AND ').every((one) => LICENCES.test(one)));
  if (!fine) problems.push(`the licence ${licence} of ${names.join(', ')} is none of those that are known to be fine`);
}

const npm = (...args: string[]) => spawnSync('npm', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });

const bill = npm('sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev');
if (bill.status === 0) {
  mkdirSync('dist', { recursive: true });
  writeFileSync('dist/sbom.cdx.json', bill.stdout);
  console.log('Bill of materials (CycloneDX 1.5): dist/sbom.cdx.json');
} else problems.push(`npm sbom failed: ${bill.stderr.trim()}`);

const audit = npm('audit', '--omit=dev', '--json');
const counts = auditCounts(audit.stdout);
if (counts) {
  console.log(
    `Known holes: ${Object.entries(counts)
      .map(([level, count]) => `${count} ${level}`)
      .join(', ')}`,
  );
  if ((counts['high'] ?? 0) + (counts['critical'] ?? 0) > 0)
    problems.push('npm audit finds high or critical holes in what users install; override the packages they are in');
} else {
  const [why = 'no answer'] = `${audit.stdout}${audit.stderr}`.match(/\d{3} [\w ]+|E[A-Z]{4,}/) ?? [];
  console.log(
    `Known holes: NOT ANSWERED by this registry (${why.trim()}), which says nothing of whether there are any`,
  );
}
for (const { name, version = '0' } of shipped) {
  const [mended, finding] = MENDED[name] ?? [];
  if (!mended) continue;
  console.log(`  ${name} ${version}: ${finding} was mended in ${mended}`);
  if (version.localeCompare(mended, undefined, { numeric: true }) < 0)
    problems.push(`${name} ${version} has ${finding}; override it with ${mended} or newer`);
}

for (const problem of problems) console.error(`error: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** By severity; nothing where the registry gave no answer. */
function auditCounts(output: string): Readonly<Record<string, number>> | undefined {
  try {
    const { metadata } = JSON.parse(output) as { metadata?: { vulnerabilities?: Record<string, number> } };
    return metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}
