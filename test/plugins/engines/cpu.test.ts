import { cpu } from '../../../plugins/engines/cpu.js';
import { testEngine } from './engine-suite.js';

testEngine(cpu, {});
