import { accountNamed } from './account.js';

const passwd = [
  'root:x:0:0:root:/root:/bin/bash',
  'postgres-old:x:99:99::/:/bin/false',
  'postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash',
  'broken',
].join('\n');

describe('accountNamed', () => {
  it('finds the whole name only', () => {
    expect(accountNamed(passwd, 'postgres')).toEqual({ uid: 101, gid: 104 });
  });
  it.each(['nobody', 'broken', 'root'])('does not offer %s', (name) => {
    expect(accountNamed(passwd, name)).toBeUndefined();
  });
});
