import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { NetworkGraph } from '../../../core/contracts/index.js';
import { wholeContent } from '../../../core/io/files/index.js';
import { cpu } from '../../../plugins/engines/cpu.js';
import { tfjs } from '../../../plugins/exporters/tfjs.js';
import { GRAPHS, randomFused } from '../../reference/fused-networks.js';
import { jsonSubject, type Subject } from './file-subject.js';

/** Exported models, which are loaded again before they are put in their place. */
export async function modelSubjects(folder: string): Promise<Record<string, Subject<Uint8Array>>> {
  await cpu.start({});
  const network = randomFused(GRAPHS['a chain like VGG, flattened'] as NetworkGraph);
  const subject = async (model: 'layers' | 'graph'): Promise<Subject<Uint8Array>> => {
    const own = join(folder, model);
    mkdirSync(own, { recursive: true });
    for (const [name, content] of await tfjs.export(network, { model }))
      writeFileSync(join(own, name), wholeContent(content));
    const path = join(own, 'model.json');
    const subject = jsonSubject(
      path,
      JSON.parse(readFileSync(path, 'utf8')),
      async () => {
        try {
          const opened = await tfjs.open?.(own, { model });
          if (opened && 'close' in opened) await opened.close();
        } finally {
          // A model that cannot be built leaves the layers before the one that was wrong.
          tf.disposeVariables();
        }
      },
      0,
    );
    // The description, or a file of weights that it names.
    return { ...subject, located: (error) => error instanceof Error && error.message.includes(own) };
  };
  return { 'model.json': await subject('layers'), 'model.json, graph': await subject('graph') };
}
