import { behavesForKcat } from './kafka-behaviour-kcat.js';
import { startTarget } from './kafka-support.js';

behavesForKcat(() => startTarget());
