import { validationPipe } from '../../../platform/http/validation.js';
import { RetryClaimRequest } from './retry.dto.js';

describe('RetryClaimRequest', () => {
  const read = (body: object): Promise<unknown> =>
    validationPipe().transform(body, { type: 'body', metatype: RetryClaimRequest });

  it.each(['priorAuthNumber', 'quantity', 'durResponse', 'payCash'])(
    'refuses null as %s: it answers nothing',
    (field) => expect(read({ [field]: null })).rejects.toMatchObject({ code: 'request.invalid' }),
  );

  it('takes what is given and leaves the rest out', async () => {
    expect(await read({ priorAuthNumber: 'A-1' })).toEqual({ priorAuthNumber: 'A-1' });
    expect(await read({})).toEqual({});
  });
});
