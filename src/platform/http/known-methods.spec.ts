import fastify from 'fastify';
import { KnownMethods } from './known-methods.js';

describe('the methods a path answers', () => {
  const known = new KnownMethods();
  known.add('/api/patients', ['GET', 'POST']);
  known.add('/api/patients/:id', ['GET']);
  known.add('/api/patients/:id', ['PATCH']);
  known.add('/api/patients/reviews', ['GET']);
  known.add('/api/patients/reviews/:id/resolve', ['POST']);
  known.add('/docs/*', ['GET']);
  known.add('/docs-json', ['GET']);

  it.each([
    ['/api/patients', 'GET, POST'],
    ['/api/patients?limit=1', 'GET, POST'],
    ['/api/patients/anything', 'GET, PATCH'],
    ['/api/patients/reviews', 'GET, PATCH'],
    ['/api/patients/reviews/7/resolve', 'POST'],
    ['/api/%70atients', 'GET, POST'],
    ['/docs/swagger-ui.css', 'GET'],
    ['/docs/a/b', 'GET'],
    ['/docs-json', 'GET'],
    ['/docsXjson', ''],
    ['/api/patients/', ''],
    ['/api/patients/a/b', ''],
    [`/api/patients/${'x'.repeat(201)}`, ''],
    ['/api/%E0%A4%A', ''],
    ['/', ''],
  ])('%s', (address, methods) => {
    expect(known.of(address).join(', ')).toBe(methods);
  });

  it('are those of the router, plugins with a prefix included', async () => {
    const app = fastify();
    const watched = new KnownMethods();
    watched.watch(app);
    await app.register(
      (inner, _, done) => {
        inner.route({ method: ['PUT', 'DELETE'], url: '/things/:id', handler: () => '' });
        done();
      },
      { prefix: '/inner' },
    );
    await app.ready();
    expect(watched.of('/inner/things/1')).toEqual(['DELETE', 'PUT']);
    await app.close();
  });
});
