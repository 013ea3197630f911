import { NotFoundException, ParseUUIDPipe } from '@nestjs/common';
import { fail } from '../errors/index.js';
import { domainErrorOf, problemOf } from './problem.js';

describe('problems', () => {
  it.each([
    [new NotFoundException('Cannot GET /t/secret-token'), 'request.not-found'],
    [Object.assign(new Error('x'), { statusCode: 413 }), 'request.too-large'],
    [Object.assign(new Error('x'), { statusCode: 418 }), 'request.malformed'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'service.unavailable'],
    [Object.assign(new Error('x'), { code: '25006' }), 'service.unavailable'],
    [Object.assign(new Error('x'), { code: '40P01' }), 'service.unavailable'],
    [Object.assign(new Error('x'), { code: '53100' }), 'service.unavailable'],
    [Object.assign(new Error('x'), { code: '57014' }), 'service.unavailable'],
    [Object.assign(new Error('x'), { code: '57P05' }), 'service.unavailable'],
    [Object.assign(new Error('x'), { code: '22021' }), 'request.malformed'],
    [new Error('patient Smith'), 'service.unexpected'],
    ['thrown text', 'service.unexpected'],
  ])('give whatever was thrown a code', (thrown, code) => {
    expect(domainErrorOf(thrown).code).toBe(code);
  });

  it('say of an id in the address that it is none', async () => {
    const refused: unknown = await new ParseUUIDPipe()
      .transform('123', { type: 'param' })
      .catch((error: unknown) => error);
    expect(problemOf(domainErrorOf(refused), 'r-1')).toMatchObject({
      code: 'request.invalid',
      errors: [{ code: 'is-uuid' }],
    });
  });

  it('never repeat a message or an address', () => {
    const problem = problemOf(domainErrorOf(new NotFoundException('Cannot GET /t/secret-token')), 'id');
    expect(JSON.stringify(problem)).not.toContain('secret-token');
  });

  it('cannot have their members overwritten by meta', () => {
    const error = fail('request.conflict', { detail: 'why', meta: { status: 200, version: 3 } });
    expect(problemOf(error, 'r-1')).toEqual({
      type: 'urn:pharmonico:error:request.conflict',
      title: expect.any(String) as string,
      status: 409,
      code: 'request.conflict',
      detail: 'why',
      requestId: 'r-1',
      version: 3,
    });
  });
});
