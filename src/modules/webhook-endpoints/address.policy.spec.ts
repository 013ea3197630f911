import fc from 'fast-check';
import { isPublicAddress, urlProblem } from './address.policy.js';

const strict = { allowPrivate: false, requireHttps: true };
const development = { allowPrivate: true, requireHttps: false };

describe('the address of an outgoing webhook', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ['0.0.0.0', 'this host'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['100.127.255.255', 'carrier-grade NAT'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.169.254', 'metadata of cloud machines'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.0.0.8', 'protocol assignments'],
    ['192.0.2.1', 'documentation'],
    ['192.168.255.255', 'private'],
    ['198.18.0.1', 'benchmarks'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'mapped loopback'],
    ['::ffff:10.0.0.1', 'mapped private'],
    ['::ffff:8.8.8.8', 'mapped at all'],
    ['::ffff:7f00:1', 'mapped loopback in hexadecimal'],
    ['::127.0.0.1', 'compatible'],
    ['64:ff9b::7f00:1', 'NAT64 of loopback'],
    ['64:ff9b:1::1', 'local NAT64'],
    ['100::1', 'discard'],
    ['2001::1', 'Teredo'],
    ['2001:db8::1', 'documentation'],
    ['2002:7f00:1::', '6to4 of loopback'],
    ['3fff::1', 'documentation'],
    ['5f00::1', 'segment routing'],
    ['fc00::1', 'unique local'],
    ['fd12:3456:789a::1', 'unique local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with its zone'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['localhost', 'a name'],
    ['', 'nothing'],
  ])('%s is not: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    ['http://127.0.0.1/', 'dotted'],
    ['https://127.0.0.1/', 'dotted'],
    ['https://2130706433/', 'decimal'],
    ['https://0x7f000001/', 'hexadecimal'],
    ['https://0x7f.1/', 'short and hexadecimal'],
    ['https://017700000001/', 'octal'],
    ['https://127.1/', 'short'],
    ['https://[::1]/', 'IPv6'],
    ['https://[::ffff:127.0.0.1]/', 'mapped'],
    ['https://[::ffff:7f00:1]:8443/', 'mapped, hexadecimal'],
    ['https://localhost/', 'by name'],
    ['https://LOCALHOST./', 'by name'],
    ['https://db.localhost:5432/', 'by name'],
    ['https://169.254.169.254/latest/meta-data/', 'metadata'],
    ['https://１２７.0.0.1/', 'full-width digits'],
  ])('refuses %s: %s', (url) => {
    expect(urlProblem(url, { ...strict, requireHttps: false })).toBe('private-address');
    expect(urlProblem(url, development)).toBeUndefined();
  });

  it('wants https in production and http or https elsewhere', () => {
    expect(urlProblem('http://hooks.example.com/', strict)).toBe('scheme');
    expect(urlProblem('http://hooks.example.com/', { ...strict, requireHttps: false })).toBeUndefined();
    expect(urlProblem('ftp://hooks.example.com/', development)).toBe('scheme');
    expect(urlProblem('file:///etc/passwd', development)).toBe('scheme');
    expect(urlProblem('https://hooks.example.com/x?y=1', strict)).toBeUndefined();
  });

  it('takes no user name and nothing that is not a URL', () => {
    expect(urlProblem('https://user:secret@hooks.example.com/', strict)).toBe('credentials');
    expect(urlProblem('hooks.example.com', strict)).toBe('not-a-url');
    expect(urlProblem('https://[::g]/', strict)).toBe('not-a-url');
    expect(urlProblem('https://999.1.1.1/', strict)).toBe('not-a-url');
  });

  it('finds every private IPv4 address private, also mapped into IPv6 and written as a number', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.constantFrom(10, 127), octet, octet, octet, (a, b, c, d) => {
        expect(isPublicAddress(`${a}.${b}.${c}.${d}`)).toBe(false);
        expect(isPublicAddress(`::ffff:${a}.${b}.${c}.${d}`)).toBe(false);
        const number = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
        expect(urlProblem(`https://${number}/`, strict)).toBe('private-address');
      }),
    );
  });
});
