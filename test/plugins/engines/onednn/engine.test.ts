import { onednn } from '../../../../plugins/engines/onednn/engine.js';
import { testEngine } from '../engine-suite.js';

testEngine(onednn, { threads: 2 });
