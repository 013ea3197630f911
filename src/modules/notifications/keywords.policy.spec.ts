import { keywordOf, readsAsRevocation } from './keywords.policy.js';

describe('what people answer', () => {
  it('is a keyword, or words', () => {
    expect(keywordOf('UNSTOP')).toBe('start');
    expect(keywordOf('ＳＴＯＰ')).toBe('stop');
    expect(keywordOf('Yes!')).toBe('yes');
    expect(keywordOf('info')).toBe('help');
    expect(keywordOf('yes please')).toBeUndefined();
  });

  it.each([
    'Please stop sending me these texts',
    'Stop sending me this',
    'please stop writing to me',
    'Stop texting my phone!!',
    'STOP messaging me already',
    "I don't want any more messages from you",
    'do not contact me again',
    "Don't text here anymore",
    'cancel these alerts',
    'no more texts',
    'Unsubscribe me from this',
    'please opt me out',
    'remove my number from your list',
    'Wrong number.',
    'leave me alone, thanks',
    'stop it now',
    'no me manden mensajes',
    'No más mensajes por favor',
    'dejen de enviar esto',
  ])('"%s" takes consent back', (body) => {
    expect(readsAsRevocation(body)).toBe(true);
  });

  it.each([
    'When does my order arrive?',
    'Can you stop by after 5?',
    'I did not stop sending you the form',
    'Should I stop taking it?',
    'please cancel my order',
    'Thank you',
    'I never got it',
    'Leave it at the back door',
    'This is the right number',
    '¿Cuándo llega?',
    '',
  ])('"%s" does not', (body) => {
    expect(readsAsRevocation(body)).toBe(false);
  });
});
