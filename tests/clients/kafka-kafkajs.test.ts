import { behavesForKafkajs } from './kafka-behaviour-kafkajs.js';
import { startTarget } from './kafka-support.js';

behavesForKafkajs(() => startTarget());
