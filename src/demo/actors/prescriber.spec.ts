import { generate } from '../generate/index.js';
import { cancelOf } from './prescriber.js';

const [generated] = generate({ count: 1, seed: 1, defects: 0, date: '2026-06-15' });
const sentTime = new Date('2026-06-15T12:00:00Z');
const idIn = (message: string) => /<MessageID>([^<]+)</.exec(message)?.[1];

describe('a CancelRx', () => {
  it.each(Array.from('0123456789abcdef'))('has a MessageID other than that of its order, which ends in %s', (digit) => {
    if (generated === undefined) throw new Error('nothing was generated');
    const messageId = `60341bb74a95afbb5b75b86cf60e96d${digit}`;
    const cancel = cancelOf({ ...generated.order, messageId }, sentTime);
    expect(idIn(cancel)).toMatch(/^[0-9a-f]{32}$/);
    expect(idIn(cancel)).not.toBe(messageId);
    expect(cancel).toContain(`<RelatesToMessageID>${messageId}<`);
    expect(idIn(cancelOf({ ...generated.order, messageId }, new Date()))).toBe(idIn(cancel));
  });
});
