import { onednn } from '../../../../plugins/engines/onednn/engine.js';
import { engineTests } from '../engine-suite.js';

await engineTests(onednn, { options: { threads: 2 } });
