import { tfjsNode } from '../../../../plugins/engines/tfjs-node/engine.js';
import { engineTests } from '../engine-suite.js';

await engineTests(tfjsNode);
