import { reversalAnswerFrom } from './claim-switch.wire.js';

it.each([
  ['A', [], 'reversed'],
  ['S', [], 'reversed'],
  ['R', [], 'refused'],
  ['R', ['70'], 'refused'],
  ['Z', ['70'], 'refused'],
  ['R', ['84'], 'nothing-to-reverse'],
  ['R', ['87'], 'nothing-to-reverse'],
  ['R', ['92'], 'host-down'],
  ['R', ['99', '92'], 'host-down'],
  ['Z', [], 'unknown'],
  ['C', [], 'unknown'],
  ['', [], 'unknown'],
  ['constructor', [], 'unknown'],
])('takes status %p with the codes %p, in answer to a reversal, for: %s', (status, rejectCodes, outcome) => {
  const answer = { status, rejectCodes, messages: [], durAlerts: [] };
  expect(reversalAnswerFrom(answer)).toEqual({ outcome, rejectCodes });
});
