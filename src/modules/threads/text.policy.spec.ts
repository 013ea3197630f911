import { isPlainText } from './text.policy.js';

describe('isPlainText', () => {
  it.each([
    'Is 10 mg meant, or <5 mg?',
    'systolic <a few days at 150 and >90',
    'a < b > c, see https://example.com/?onload=1',
    'Is it <20 mg> in the image I attached?',
    'data: 5 tablets left',
  ])('takes %j', (text) => {
    expect(isPlainText(text)).toBe(true);
  });

  it.each([
    '<script>alert(1)</script>',
    'please <SCRIPT src=//x>',
    '</script>',
    '<img src=x onerror=alert(1)>',
    '<b onclick = "x()">bold</b>',
    '<a href="//x">here</a>',
    '<svg/onload=alert(1)>',
    '[x](javascript:alert(1))',
    '<iframe srcdoc="x">',
    'data:text/html;base64,PHNjcmlwdD4=',
  ])('refuses %j', (text) => {
    expect(isPlainText(text)).toBe(false);
  });
});
