import { cpu } from '../../../plugins/engines/cpu.js';
import { engineTests } from './engine-suite.js';

await engineTests(cpu);
