import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { createRunContainer } from '../../config/container/plugins.js';
import { enginesNamed, startEngine } from '../../run/engine.js';
import { RefusedError } from '../../run/errors.js';
import { inProgram, measureRows } from './deploy-rows.js';
import type { DeployReport, DeploySource } from './report.js';

/** The format of an exported model, by its files; undefined for anything else. */
export function exportedFormat(path: string): 'onnx' | 'tfjs' | undefined {
  if (extname(path).toLowerCase() === '.onnx' || existsSync(join(path, 'model.onnx'))) return 'onnx';
  return existsSync(join(path, 'model.json')) ? 'tfjs' : undefined;
}

/**
 * Times an exported model in the program that reads it; what was fused is not there to be compared with.
 *
 * @throws RefusedError when the program is not here, or nothing tells the size of the images
 */
export async function benchExported(source: DeploySource, format: string, milliseconds: number): Promise<DeployReport> {
  const { model, engine = 'auto', size } = source;
  const { registry } = await createRunContainer();
  const exporter = registry.part('exporter', format);
  const started = await startEngine(enginesNamed(registry, engine));
  const folder = mkdtempSync(join(tmpdir(), 'repnas-deploy-'));
  try {
    const bytes = linked(resolve(model), join(folder, format));
    const opened = await exporter.open?.(join(folder, format), exporter.options.parse({}), { often: true });
    if (!opened || 'unavailable' in opened)
      throw new RefusedError(`${model}: ${opened?.unavailable ?? 'no program reads the format'}`);
    try {
      const image = size ? ([...size, 3] as const) : opened.image;
      if (!image)
        throw new RefusedError(`${model}: does not tell the size of its images; expected it to be given (--image 224)`);
      const order = { source, folder, image, format };
      const entries = await measureRows([inProgram(opened, bytes, image)], order, milliseconds);
      const checked = { unchecked: 'it is measured as it is' };
      return { model, engine: started.name, device: started.session.device, image, entries, checked };
    } finally {
      await opened.close();
    }
  } finally {
    await started.session.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The model's files under the names that the exporter gives them; their bytes. */
function linked(model: string, folder: string): number {
  mkdirSync(folder);
  const isFolder = statSync(model).isDirectory();
  const files = isFolder ? readdirSync(model).map((name) => join(model, name)) : [model];
  for (const file of files) place(file, join(folder, isFolder ? basename(file) : 'model.onnx'));
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}

/** Links are not followed by what reads models; a second name for the same bytes is. */
function place(file: string, at: string): void {
  try {
    linkSync(file, at);
  } catch {
    copyFileSync(file, at);
  }
}
