import { validationPipe } from '../../../platform/http/validation.js';
import { RetryClaimRequest } from './retry.dto.js';

describe('RetryClaimRequest', () => {
  const read = (body: object): Promise<unknown> =>
    validationPipe().transform(body, { type: 'body', metatype: RetryClaimRequest });

  it.each(['priorAuthNumber', 'quantity', 'durResponse', 'payCash'])(
    'refuses null as %s: it answers nothing',
    (field) => expect(read({ [field]: null })).rejects.toMatchObject({ code: 'request.invalid' }),
  );

  it.each([
    ['ZZ', 'M0', '1G'],
    ['DD', 'XX', '1G'],
    ['DD', 'M0', '9Z'],
    ['dd', 'M0', '1G'],
    ['toString', 'M0', '1G'],
  ])('refuses codes no payer knows: %s %s %s', (reason, service, result) =>
    expect(read({ durResponse: { reason, service, result } })).rejects.toMatchObject({ code: 'request.invalid' }),
  );

  it.each(['1A', '1B', '1G'])('takes a DUR response with result %s', async (result) => {
    const durResponse = { reason: 'DD', service: 'M0', result };
    expect(await read({ durResponse })).toEqual({ durResponse });
  });

  it('takes what is given and leaves the rest out', async () => {
    expect(await read({ priorAuthNumber: 'A-1' })).toEqual({ priorAuthNumber: 'A-1' });
    expect(await read({})).toEqual({});
  });
});
