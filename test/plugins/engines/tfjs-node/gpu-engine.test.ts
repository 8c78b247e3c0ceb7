import { tfjsNodeGpu } from '../../../../plugins/engines/tfjs-node/engine.js';
import { engineTests } from '../engine-suite.js';

await engineTests(tfjsNodeGpu);
