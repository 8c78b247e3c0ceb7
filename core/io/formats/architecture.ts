import { z } from 'zod';
import type { Architecture } from '../../contracts/search-space.js';
import { FileError, parseJson, readJson } from '../files/index.js';

/** A chosen architecture as a file that people can read, and that `repnas train --arch` takes. */
export interface ArchitectureFile {
  readonly format: 'repnas-architecture';
  readonly version: 1;
  /** Name of the backbone whose blocks are meant. */
  readonly backbone: string;
  /** Kept branches of every block by name, in the order of the search space. */
  readonly blocks: Architecture;
  /** How it came about. */
  readonly origin?: {
    readonly strategy: string;
    readonly seed: number;
    /** Gates kept, and gates there were. */
    readonly kept: number;
    readonly gates: number;
  };
}

const name = z.string().min(1).max(200);
const count = z.int().min(0);

const schema: z.ZodType<ArchitectureFile> = z.strictObject({
  format: z.literal('repnas-architecture'),
  version: z.literal(1),
  backbone: name,
  blocks: z.record(
    name,
    z.array(name).refine((branches) => new Set(branches).size === branches.length, 'expected each branch only once'),
  ),
  origin: z.strictObject({ strategy: name, seed: count, kept: count, gates: count }).exactOptional(),
});

/** A line a block, so that two architectures can be compared line by line. */
export function formatArchitecture({ backbone, blocks, origin }: Omit<ArchitectureFile, 'format' | 'version'>): string {
  const lines = Object.entries(blocks).map(
    ([block, branches]) =>
      `    ${JSON.stringify(block)}: [${branches.map((branch) => JSON.stringify(branch)).join(', ')}]`,
  );
  const entries = [
    `  "format": "repnas-architecture"`,
    `  "version": 1`,
    `  "backbone": ${JSON.stringify(backbone)}`,
    `  "blocks": {\n${lines.join(',\n')}\n  }`,
    ...(origin ? [`  "origin": ${JSON.stringify(origin)}`] : []),
  ];
  return `{\n${entries.join(',\n')}\n}\n`;
}

/** @throws FileError naming the file, the key, what was found and what was expected. */
export const readArchitecture = (path: string): ArchitectureFile => checked(readJson(path), path);

/** @param path what the error messages call the bytes */
export const parseArchitecture = (bytes: Uint8Array, path: string): ArchitectureFile =>
  checked(parseJson(bytes, path), path);

function checked(value: unknown, path: string): ArchitectureFile {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new FileError(path, `is no architecture of version 1 (${problems.join('; ')})`);
}

/** The network an architecture is to be used for. */
export interface ArchitectureTarget {
  readonly backbone: string;
  /** Branch ops that exist in each searchable block, by the block's name. */
  readonly blocks: Architecture;
}

/**
 * The file's blocks, once they are known to be those of the network.
 *
 * @throws FileError naming the file, and the backbone, blocks or branches that do not fit.
 */
export function architectureFor(target: ArchitectureTarget, file: ArchitectureFile, path: string): Architecture {
  if (file.backbone !== target.backbone)
    throw new FileError(path, `is of backbone '${file.backbone}'; the config's backbone is '${target.backbone}'`);
  const problems = [
    ...Object.keys(target.blocks).flatMap((block) =>
      Object.hasOwn(file.blocks, block) ? [] : [`block '${block}' is missing`],
    ),
    ...Object.entries(file.blocks).flatMap(([block, branches]) => blockProblems(target, block, branches)),
  ];
  if (problems.length > 0) throw new FileError(path, `does not fit the network: ${problems.join('; ')}`);
  return file.blocks;
}

function blockProblems({ blocks }: ArchitectureTarget, block: string, branches: readonly string[]): string[] {
  const existing = Object.hasOwn(blocks, block) ? blocks[block] : undefined;
  if (!existing) return [`the network has no searchable block '${block}'`];
  if (branches.length === 0) return [`block '${block}' keeps no branch`];
  return branches
    .filter((branch) => !existing.includes(branch))
    .map((branch) => `block '${block}' has no branch '${branch}' (it has ${existing.join(', ')})`);
}
