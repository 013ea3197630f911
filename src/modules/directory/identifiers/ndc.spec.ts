import { normalizeNdc } from './ndc.js';

describe('NDC', () => {
  it.each([
    ['0574-4072-05', '00574407205'],
    ['51655-089-52', '51655008952'],
    ['58118-1397-3', '58118139703'],
    ['00002-7597-01', '00002759701'],
    [' 00002759701 ', '00002759701'],
  ])('brings %s to 11 digits', (text, ndc11) => {
    expect(normalizeNdc(text)).toEqual({ kind: 'ok', ndc11 });
  });

  it('refuses ten bare digits and names the three candidates', () => {
    expect(normalizeNdc('0002759701')).toEqual({
      kind: 'ambiguous',
      candidates: ['00002759701', '00027059701', '00027597001'],
    });
  });

  it.each([
    ['000002-1001-30', 'six-digit-labeler'],
    ['000002100130', 'six-digit-labeler'],
    ['12345-67-890', 'format'],
    ['1234-567-89', 'format'],
    ['NDC', 'format'],
    ['', 'format'],
    ['00000-0000-00', 'all-zeros'],
  ])('refuses "%s": %s', (text, reason) => {
    expect(normalizeNdc(text)).toEqual({ kind: 'invalid', reason });
  });
});
