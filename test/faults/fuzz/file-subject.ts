import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { mutated, mutatedJson } from './mutate.js';

/** Something that reads what nobody vouches for. */
export interface Subject<Input = unknown> {
  readonly inputs: fc.Arbitrary<Input>;
  /** Reads it. @throws whatever it is refused with */
  read(input: Input): Promise<void>;
  /** Whether an error says where: the file, or the key. */
  located(error: unknown): boolean;
}

/** A reader of files: the bytes are put where it expects them. */
export const fileSubject = (
  path: string,
  seeds: readonly Uint8Array[],
  read: (path: string) => Promise<void>,
): Subject<Uint8Array> => generatedSubject(path, mutated(seeds), read);

/** The same for files that are made by a grammar of their own. */
export function generatedSubject(
  path: string,
  inputs: fc.Arbitrary<Uint8Array>,
  read: (path: string) => Promise<void>,
): Subject<Uint8Array> {
  return {
    inputs,
    read: (bytes) => {
      writeFileSync(path, bytes);
      return read(path);
    },
    located: (error) => error instanceof Error && error.message.includes(path),
  };
}

/** The same for JSON, which is changed as text and as a value. */
export function jsonSubject(
  path: string,
  seed: unknown,
  read: (path: string) => Promise<void>,
  indent = 1,
): Subject<Uint8Array> {
  const text = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value, null, indent));
  const { read: write, located } = fileSubject(path, [text(seed)], read);
  return { inputs: fc.oneof(mutated([text(seed)]), mutatedJson([seed]).map(text)), read: write, located };
}

/** JSON with one value a line: lines are changed as text, and one of them as a value. */
export function linesSubject(
  path: string,
  seeds: readonly unknown[],
  read: (path: string) => Promise<void>,
): Subject<Uint8Array> {
  const text = (values: readonly unknown[]): Uint8Array =>
    Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  const { read: write, located } = fileSubject(path, [text(seeds)], read);
  const one = fc.tuple(fc.nat(seeds.length - 1), mutatedJson(seeds)).map(([at, value]) => text(seeds.with(at, value)));
  return { inputs: fc.oneof(mutated([text(seeds)]), one), read: write, located };
}
