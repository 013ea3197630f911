import { describe, expect, it } from '@jest/globals';
import { choiceField, isOwnForm, renderPage, template, textField } from './index.js';

const own = 'https://app.example';

describe('a page', () => {
  it('escapes what it is given', () => {
    const content = template<{ name: string }>('<p><%= it.name %></p>')({ name: '<b>&"\'' });
    const page = renderPage({ title: '<i>', brand: 'A & B', supportPhone: '"1"', content });
    expect(page).toContain('<p>&lt;b&gt;&amp;&quot;&#39;</p>');
    expect(page).toContain('<title>&lt;i&gt; · A &amp; B</title>');
    expect(page).not.toMatch(/<script|<i>/);
  });

  it('says label, hint and error with the field they belong to', () => {
    const field = textField({ name: 'zip', label: 'ZIP', hint: 'Five digits', error: 'Wrong', value: '"><x' });
    expect(field).toContain('<label for="zip">ZIP</label>');
    expect(field).toContain('aria-describedby="zip-hint zip-error"');
    expect(field).toContain('aria-invalid="true"');
    expect(field).toContain('value="&quot;&gt;&lt;x"');
    const choice = choiceField({
      name: 'payer',
      legend: 'Who pays?',
      options: [{ value: 'cash', label: 'I', checked: true }],
    });
    expect(choice).toContain('<legend>Who pays?</legend>');
    expect(choice).toContain('<label for="payer-cash">I</label>');
  });
});

describe('a form', () => {
  it.each([
    [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, true],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: own }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ origin: own }, true],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'null' }, true],
    [{}, true],
  ])('with %j is ours: %s', (headers, expected) => {
    expect(isOwnForm(headers, own)).toBe(expected);
  });
});
