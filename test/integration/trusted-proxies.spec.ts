import { Controller, Get } from '@nestjs/common';
import { Public } from '../../src/platform/http/access-rule.js';
import { requestContext } from '../../src/platform/http/request-context.js';
import { startHttpApp } from '../support/http-app.js';

@Controller('who')
class WhoController {
  @Get()
  @Public()
  read(): { ip: string | undefined } {
    return { ip: requestContext()?.ip };
  }
}

describe('who asks', () => {
  const asked = async (proxies: string | undefined, forwarded: string): Promise<string> => {
    const host = await startHttpApp({
      controllers: [WhoController],
      ...(proxies !== undefined && { env: { TRUSTED_PROXIES: proxies } }),
    });
    try {
      const answer = await fetch(`${host.url}/api/who`, { headers: { 'x-forwarded-for': forwarded } });
      return ((await answer.json()) as { ip: string }).ip;
    } finally {
      await host.stop();
    }
  };

  it.each([
    ['the connection says without a declared proxy', undefined, '203.0.113.9', '127.0.0.1'],
    ['the connection says when it is none of the declared proxies', '10.0.0.0/8', '203.0.113.9', '127.0.0.1'],
    ['the declared proxy says', '127.0.0.0/8, ::1', '203.0.113.9', '203.0.113.9'],
    ['is an address without a zone', '127.0.0.1', 'fe80::1%eth0', 'fe80::1'],
    [
      'is what the outermost declared proxy saw, not what the client claims',
      '127.0.0.1, 10.0.0.0/8',
      '198.51.100.1, 203.0.113.9, 10.1.2.3',
      '203.0.113.9',
    ],
  ])('%s', async (_, proxies, forwarded, ip) => {
    expect(await asked(proxies, forwarded)).toBe(ip);
  });
});
