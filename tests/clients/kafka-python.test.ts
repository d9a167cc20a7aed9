import { behavesForPython } from './kafka-behaviour-python.js';
import { startTarget } from './kafka-support.js';

behavesForPython(() => startTarget({ defaultPartitions: 2 }));
