import fc from 'fast-check';
import { FormatError } from './format-error.js';
import { buildXml, MAX_XML_BYTES, parseXml } from './xml.js';

function codeOf(input: Uint8Array | string): string {
  try {
    parseXml(input);
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'accepted';
}

const nested = (depth: number): string => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`;

describe('parseXml', () => {
  it('reads elements, attributes and text, all of it as text', () => {
    const root = parseXml('<?xml version="1.0"?><r a="007"> <n>0010.50</n><!-- no --><e/><n x:q="1">true</n> </r>');
    expect(root.attributes.get('a')).toBe('007');
    expect(root.all('n').map((element) => element.text)).toEqual(['0010.50', 'true']);
    expect(root.value('e', 'n')).toBe('0010.50');
    expect(root.all('n')[1]?.attributes.get('x:q')).toBe('1');
  });

  it('decodes the five entities and character references, once, and leaves CDATA alone', () => {
    const root = parseXml('<r a="&lt;&#65;">&amp;lt; &#x1F600; &quot;&apos;<![CDATA[ <b>&amp;</b> ]]>.</r>');
    expect(root.text).toBe(`&lt; 😀 "' <b>&amp;</b> .`);
    expect(root.attributes.get('a')).toBe('<A');
  });

  it('reads UTF-16 and refuses what is no text', () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<r>ñ</r>', 'utf16le')]);
    expect(parseXml(utf16).text).toBe('ñ');
    expect(codeOf(Buffer.from([0x3c, 0x72, 0x3e, 0xff, 0x3c, 0x2f, 0x72, 0x3e]))).toBe('intake.xml-encoding');
    expect(codeOf('<?xml version="1.0" encoding="EBCDIC-US"?><r/>')).toBe('intake.xml-encoding');
  });

  it.each([
    '<!DOCTYPE r><r/>',
    '<!doctype r SYSTEM "http://example.com/x"><r/>',
    '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
    '<r><!ENTITY x "y"></r>',
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('<!DOCTYPE r><r/>', 'utf16le')]),
  ])('refuses a document type or entity declaration (%#)', (xml) => expect(codeOf(xml)).toBe('intake.xml-dtd'));

  it.each([
    '',
    '   ',
    'text',
    '{"a": 1}',
    '<r>',
    '<r></s>',
    '</r>',
    '<r/><r/>',
    '<r/>text',
    '<r a=1/>',
    '<r a="1" a="2"/>',
    '<r a="<"/>',
    '<r>&nbsp;</r>',
    '<r>a & b</r>',
    '<r>&#0;</r>',
    '<r>&#xD800;</r>',
    '<r>\u0000</r>',
    '<r><![CDATA[</r>',
    '<r><!-- -- --></r>',
    '<1r/>',
    '<r><__proto__>1</__proto__></r>',
  ])('refuses %j as malformed', (xml) => expect(codeOf(xml)).toBe('intake.xml-malformed'));

  it('accepts 64 levels and refuses 65', () => {
    expect(codeOf(nested(64))).toBe('accepted');
    expect(codeOf(nested(65))).toBe('intake.xml-too-deep');
    expect(codeOf(nested(60_000))).toBe('intake.xml-too-deep');
  });

  it('refuses more than 512 KB or 20,000 elements unread', () => {
    expect(codeOf(`<r>${'x'.repeat(MAX_XML_BYTES)}</r>`)).toBe('intake.xml-too-large');
    expect(codeOf(`<r>${'<a/>'.repeat(20_000)}</r>`)).toBe('intake.xml-too-large');
  });

  it.each([
    ['white space in a tag', `<r${' '.repeat(500_000)}>`],
    ['white space after a name', `<r ${'a'.repeat(200)}${' '.repeat(500_000)}/>`],
    ['an endless name', `<${'a'.repeat(500_000)}>`],
    ['open brackets', '<'.repeat(500_000)],
    ['ampersands', `<r>${'&'.repeat(500_000)}</r>`],
    ['open comments', `<r>${'<!--'.repeat(120_000)}</r>`],
    ['an open quote', `<r a="${'x'.repeat(500_000)}`],
    ['many attributes', `<r ${Array.from({ length: 40_000 }, (_, index) => `a${index}="1"`).join(' ')}/>`],
    ['many elements', `<r>${'<a/>'.repeat(19_000)}</r>`],
    ['many references', `<r>${'&lt;'.repeat(120_000)}</r>`],
    ['many comments', `${'<!---->'.repeat(70_000)}<r/>`],
  ])('answers soon to %s', (_, xml) => {
    const started = performance.now();
    codeOf(xml);
    expect(performance.now() - started).toBeLessThan(10_000); // what grows with the square takes minutes
  });

  it('raises nothing but FormatError, whatever the text', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '</',
      '/>',
      '<a',
      '<a>',
      '</a>',
      ' b="',
      "'",
      '&',
      '&amp;',
      '&#1',
      ';',
      '<!',
      '<!--',
    );
    const more = fc.constantFrom(
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      ' ',
      'x',
      '\n',
      '=',
      '"',
      'constructor',
      ':',
      '\uD800',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, more), { maxLength: 40 }), (pieces) => {
        expect(codeOf(pieces.join(''))).not.toBe('');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('buildXml', () => {
  it('gives back any text and attribute', () => {
    const text = fc.string({ unit: 'binary' }).map((value) => value.replace(/\p{C}/gu, '').trim());
    fc.assert(
      fc.property(text, text, (value, attribute) => {
        const root = parseXml(buildXml({ r: { '@a': attribute, b: value } }));
        expect(root.at('b')?.text).toBe(value);
        expect(root.attributes.get('a')).toBe(attribute);
      }),
    );
  });

  it('leaves out characters XML cannot carry', () => {
    expect(parseXml(buildXml({ r: 'a\u0000b\uD800c' })).text).toBe('abc');
  });
});
