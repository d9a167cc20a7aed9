import { createRequire } from 'node:module';
import type { AxiosStatic } from 'axios';

// Load axios as a single CommonJS file. Importing its many ES modules makes every start slower.
export const axios = createRequire(import.meta.url)('axios') as AxiosStatic;
