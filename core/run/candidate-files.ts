import { relative } from 'node:path';
import { formatArchitecture } from '../io/formats/architecture.js';
import { encodeSafetensors } from '../io/formats/safetensors.js';
import type { RunFolder } from './folder/folder.js';
import { RUN_FILES } from './folder/layout.js';
import { writeManifest, CANDIDATE_FILES } from './folder/manifest.js';
import type { CandidateFiles } from './candidate-events.js';

/** Writes a candidate's files into its folder. `root` is the run folder; paths in events are relative to it. */
export function candidateFiles(folder: RunFolder, root: string, backbone: string): CandidateFiles {
  return {
    writeExport: async (format, files, check) => relative(root, await folder.writeModel(format, files, check)),
    writeFinished: async ({ supernet, gates }, { certificate }, result) => {
      const { store } = supernet;
      const weights = new Map(
        store.names().map((name) => [name, { shape: store.get(name).shape, values: store.read(name) }] as const),
      );
      const blocks = result.architecture;
      const kept = Object.values(blocks).reduce((sum, branches) => sum + branches.length, 0);
      const origin = { strategy: result.strategy, seed: result.seed, kept, gates };
      folder.write(RUN_FILES.weights, encodeSafetensors(weights));
      folder.write(RUN_FILES.architecture, formatArchitecture({ backbone, blocks, origin }));
      folder.writeJson(RUN_FILES.certificate, certificate);
      folder.writeJson(RUN_FILES.result, result);
      // Last: a folder with a manifest is finished.
      writeManifest(folder.path, CANDIDATE_FILES);
    },
  };
}
