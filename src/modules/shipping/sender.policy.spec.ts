import { senderOf, senderPhoneOf } from './sender.policy.js';

const pharmacy = { name: 'Cedar', street: '500 Congress Ave', city: 'Austin', state: 'TX', zip: '78701', phone: null };

describe('the sender of a parcel', () => {
  it.each(['Pharmonico <no-reply@pharmonico.example>', '"Rx, Inc." <no-reply@pharmonico.example>'])(
    'has the address of %s',
    (mailFrom) => {
      expect(senderOf(pharmacy, ['1-800-SUPPORT'], mailFrom).email).toBe('no-reply@pharmonico.example');
    },
  );

  it.each([
    ['of its organization', '512-555-0100', '+15125550100'],
    ['of ours when that of its organization is no number', 'help.cedar.example', '+18007877678'],
    ['of ours when its organization has none', null, '+18007877678'],
  ])('has the phone of the help line %s', (_, own, phone) => {
    expect(senderOf(pharmacy, [own, '1-800-SUPPORT'], 'rx@pharmonico.example').phone).toBe(phone);
  });

  it('has the address of a bare one', () => {
    expect(senderOf(pharmacy, [''], 'rx@pharmonico.example')).toEqual({
      ...{ name: 'Cedar', line1: '500 Congress Ave', city: 'Austin', state: 'TX', zip: '78701' },
      ...{ phone: undefined, email: 'rx@pharmonico.example' },
    });
  });

  it.each([
    ['its own', '(512) 555-0199', '1-800-555-0100', '+15125550199'],
    ['of the help line when it has none', null, '1-800-555-0100', '+18005550100'],
    ['of the help line when its own cannot be dialled', 'ask at the counter', '+18005550100', '+18005550100'],
    ['of a help line in letters, by the keys', null, '1-800-SUPPORT', '+18007877678'],
    ['none when neither can be dialled', 'ask', 'see our page', undefined],
    ['none when the words only count as many letters as a number', null, 'call center', undefined],
  ])('has a phone: %s', (_, own, helpLine, phone) => {
    expect(senderPhoneOf(own, helpLine)).toBe(phone);
  });
});
