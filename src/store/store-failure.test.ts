import { describe, expect, it } from 'vitest';
import {
  badDataReason,
  classifyStoreFailure,
  describeStoreFailure,
  fatalStoreError,
} from './store-failure.js';

const postgres = (code: string, message = 'something') =>
  Object.assign(new Error(message), { code, severity: 'ERROR' });
const network = (code: string, syscall: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });

describe('classifyStoreFailure', () => {
  it.each([
    [postgres('08006'), 'retry'],
    [postgres('40001'), 'retry'],
    [postgres('40P01'), 'retry'],
    [postgres('57P01'), 'retry'],
    [postgres('53300'), 'retry'],
    [postgres('25006'), 'retry'],
    [network('ECONNREFUSED', 'connect'), 'retry'],
    [network('ECONNRESET', 'read'), 'retry'],
    [network('EAI_AGAIN', 'getaddrinfo'), 'retry'],
    [new AggregateError([network('ECONNREFUSED', 'connect')]), 'retry'],
    [new Error('Connection terminated unexpectedly'), 'retry'],
    [new Error('timeout exceeded when trying to connect'), 'retry'],
    [postgres('22P02'), 'bad-data'],
    [postgres('23502'), 'bad-data'],
    [postgres('PS001'), 'bad-data'],
    [postgres('28P01'), 'fatal'],
    [postgres('3D000'), 'fatal'],
    [postgres('42P01'), 'fatal'],
    [postgres('42501'), 'fatal'],
    [network('ENOENT', 'scandir'), 'fatal'],
    [new TypeError('x is not a function'), 'fatal'],
  ])('classifies %s as %s', (error, expected) => {
    expect(classifyStoreFailure(error)).toBe(expected);
  });
});

describe('the description of bad data', () => {
  it('never contains the value from PostgreSQL’s message', () => {
    const error = postgres('22P02', 'invalid input syntax for type bigint: "4111111111111111"');
    expect(badDataReason(error).reason).not.toContain('4111');
    expect(describeStoreFailure(error)).not.toContain('4111');
  });
});

describe('fatalStoreError', () => {
  it('has a hint', () => {
    expect(fatalStoreError(postgres('42P01'), 'here')).toMatchObject({
      code: 'STORE_SCHEMA_WRONG',
      where: 'here',
      hint: expect.stringContaining('paystream store migrate'),
    });
    expect(fatalStoreError(postgres('28P01'), 'here')).toMatchObject({ code: 'STORE_ACCESS_DENIED' });
  });
});
