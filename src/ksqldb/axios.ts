import { createRequire } from 'node:module';
import type { AxiosStatic } from 'axios';

// The same package as its one CommonJS file: importing its many ES modules takes half as long again, on every start.
export const axios = createRequire(import.meta.url)('axios') as AxiosStatic;
