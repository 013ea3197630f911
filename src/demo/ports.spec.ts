import { createServer } from 'node:net';
import { usablePort } from './ports.js';

describe('usablePort', () => {
  it('takes the wanted port when it is free, and another one when it is not', async () => {
    const free = await usablePort(0, '127.0.0.1');
    expect(await usablePort(free, '127.0.0.1')).toBe(free);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(free, '127.0.0.1', resolve));
    expect(await usablePort(free, '127.0.0.1')).not.toBe(free);
    await new Promise((resolve) => other.close(resolve));
  });
});
