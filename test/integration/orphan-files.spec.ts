import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import S3rver from 's3rver';
import { DirectoryModule, Patients } from '../../src/modules/directory/index.js';
import { EnrollmentModule } from '../../src/modules/enrollment/index.js';
import { CoveragesStore } from '../../src/modules/enrollment/coverages.store.js';
import { LinksStore } from '../../src/modules/enrollment/links.store.js';
import { SessionsStore } from '../../src/modules/enrollment/sessions.store.js';
import { OpsModule } from '../../src/modules/ops/index.js';
import { sweepFilesJob, sweepFolderJob } from '../../src/modules/ops/maintenance.jobs.js';
import { mostUnknownInARow, orphanAgeMs } from '../../src/modules/ops/orphan-files.policy.js';
import { OrphanFilesWorker } from '../../src/modules/ops/orphan-files.worker.js';
import { PrescriptionsModule } from '../../src/modules/prescriptions/index.js';
import { ShippingModule } from '../../src/modules/shipping/index.js';
import { ShipmentsStore } from '../../src/modules/shipping/shipments.store.js';
import { WebhooksModule } from '../../src/modules/webhooks/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { Metrics } from '../../src/platform/metrics/index.js';
import { Outbox } from '../../src/platform/outbox/index.js';
import { createBucket, FileStorage } from '../../src/platform/storage/index.js';
import { FrozenClock } from '../support/frozen-clock.js';
import { startModules, type ModuleApp } from '../support/module-app.js';
import { insertPrescription } from '../support/prescription-rows.js';
import { surroundings, type Surroundings } from '../support/surroundings.js';

const card = { bin: '610011', pcn: 'DEMO', cardholderId: 'ABC123456', relationship: '1' } as const;
const bytes = Buffer.from('a card or a label');

async function onS3(around: Surroundings): Promise<Record<string, string>> {
  const s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: path.join(around.folder, 's3') });
  const { port } = await s3.run();
  around.cleanup.add(() => s3.close());
  const env = {
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    S3_BUCKET: 'pharmonico',
    S3_ACCESS_KEY_ID: 'S3RVER',
    S3_SECRET_ACCESS_KEY: 'S3RVER',
  };
  await createBucket(around.config(env));
  return env;
}

describe.each([
  ['a folder', async () => Promise.resolve({})],
  ['S3', onS3],
])('files that no row names, in %s', (_, open: (around: Surroundings) => Promise<Record<string, string>>) => {
  const clock = new FrozenClock();
  let around: Surroundings;
  let app: ModuleApp;
  let files: FileStorage;

  beforeAll(async () => {
    around = await surroundings('orphans');
    app = await startModules(around, {
      modules: [DirectoryModule, PrescriptionsModule, WebhooksModule, EnrollmentModule, ShippingModule, OpsModule],
      clock,
      env: await open(around),
    });
    files = app.get(FileStorage);
    clock.set(new Date().toISOString());
  });
  afterAll(() => app.stop());

  const exists = async (key: string) =>
    files.get(key).then(
      () => true,
      () => false,
    );
  const put = (folder: string) => files.put(folder, bytes);
  /** From now on everything stored so far is a day old, and what is stored next is not. */
  const aDayLater = async () => {
    await sleep(1_100);
    clock.set(new Date(Date.now() + orphanAgeMs - 50).toISOString());
    await sleep(1_100);
  };
  const enqueued = (after: string) =>
    app.sql<{ id: string; payload: { folder: string; after?: string } }>(
      'SELECT id, payload FROM outbox_events WHERE subscriber = $1 AND id::text > $2 ORDER BY id',
      [sweepFolderJob.name, after],
    );
  const sweep = async () => {
    const worker = app.get(OrphanFilesWorker);
    const slot = newId();
    const outboxId =
      (await app.db.tx(systemContext, (tx) => app.get(Outbox).enqueue(tx, sweepFilesJob, { slot }))) ?? '';
    await worker.begin({ slot }, { outboxId, attempt: 1, closed: false });
    for (let seen = outboxId; ;) {
      const jobs = await enqueued(seen);
      if (jobs.length === 0) return;
      for (const { id, payload } of jobs) {
        await worker.sweep(payload, { outboxId: id, attempt: 1, closed: false });
        seen = id;
      }
    }
  };

  /** One of each: a label, the pictures of a coverage, the pictures of a session. */
  const referenced = async () => {
    const keys = {
      label: await put('labels'),
      front: await put('insurance-cards'),
      back: await put('insurance-cards'),
    };
    const session = { front: await put('insurance-cards'), back: await put('insurance-cards') };
    const { organizationId } = app;
    const { patientId } = await app.db.tx(systemContext, (tx) =>
      app.get(Patients).matchPatient(tx, organizationId, {
        firstName: 'Ada',
        lastName: 'Marsh',
        birthDate: '1980-02-29',
        externalId: newId(),
      }),
    );
    const prescriptionId = await insertPrescription(app, { patient_id: patientId, state: 'shipped' });
    await app.db.tx(systemContext, async (tx) => {
      await app.get(ShipmentsStore).add(tx, {
        ...{ prescriptionId, organizationId, pharmacyId: null, kind: 'platform_label', carrier: 'usps' },
        ...{ trackingNumber: newId(), labelKey: keys.label, shippedAt: new Date(), nextPollAt: null },
      });
      await app
        .get(CoveragesStore)
        .replace(tx, { organizationId, patientId }, { kind: 'insurance', card, government: false }, keys);
      const { id } = await app.get(LinksStore).create(tx, { organizationId, prescriptionId, patientId }, new Date());
      const link = await app.get(LinksStore).lock(tx, id);
      await app.get(SessionsStore).create(tx, link);
      const row = await tx.one<{ id: string }>('SELECT id FROM enrollment_sessions WHERE link_id = $1', [id]);
      await app.get(SessionsStore).keepPictures(tx, row?.id ?? '', session);
    });
    return [keys.label, keys.front, keys.back, session.front, session.back];
  };

  it('are deleted once they are a day old; what a row names and what is younger stays', async () => {
    const known = await referenced();
    const old = [await put('labels'), await put('insurance-cards')];
    const others = await put('not-ours-to-sweep');
    await aDayLater();
    const young = [await put('labels'), await put('insurance-cards')];
    await sweep();
    const seen = async (keys: string[]) => Promise.all(keys.map(exists));
    expect(await seen(known)).toEqual(known.map(() => true));
    expect(await seen(young)).toEqual([true, true]);
    expect(await seen(old)).toEqual([false, false]);
    expect(await exists(others)).toBe(true);
    const audited = await app.sql(
      `SELECT reason, entity_ids FROM audit_entries WHERE entity = 'stored_file' ORDER BY reason`,
    );
    expect(audited).toEqual([
      { reason: 'orphans-deleted:insurance-cards:1', entity_ids: [] },
      { reason: 'orphans-deleted:labels:1', entity_ids: [] },
    ]);
    expect(await app.get(Metrics).render()).toContain('pharmonico_files_swept_total{folder="labels"} 1');
    await sweep();
    expect(await app.sql(`SELECT 1 FROM audit_entries WHERE entity = 'stored_file'`)).toHaveLength(2);
  });

  it('are not believed in when a page holds nothing else: a person looks first', async () => {
    const folder = 'labels';
    const [known] = await files.list(folder, { most: 1 });
    const many = await Promise.all(Array.from({ length: mostUnknownInARow }, () => put(folder)));
    clock.set(new Date(Date.now() + orphanAgeMs + 5_000).toISOString());
    const run = { outboxId: newId(), attempt: 1, closed: false };
    const worker = app.get(OrphanFilesWorker);
    // Behind the one that is known.
    const after = many.toSorted()[0]?.slice(0, -1);
    expect(known).toBeDefined();
    await expect(worker.sweep({ folder, ...(after && { after }) }, run)).rejects.toMatchObject({
      code: 'files.none-known',
    });
    expect(await Promise.all(many.map(exists))).toEqual(many.map(() => true));
    await worker.sweep({ folder }, run);
    expect(await Promise.all(many.map(exists))).toEqual(many.map(() => false));
  });

  it('are looked for page by page, each page a job of its own', async () => {
    await Promise.all(Array.from({ length: 505 }, () => put('insurance-cards')));
    clock.set(new Date(Date.now()).toISOString());
    await sweep();
    const pages = await app.sql(
      `SELECT 1 FROM outbox_events WHERE subscriber = $1 AND payload ->> 'folder' = 'insurance-cards' AND payload ? 'after'`,
      [sweepFolderJob.name],
    );
    expect(pages).toHaveLength(1);
  });
});

it('half written by a crash are swept, too', async () => {
  const around = await surroundings('half');
  const clock = new FrozenClock();
  const app = await startModules(around, {
    modules: [DirectoryModule, PrescriptionsModule, EnrollmentModule, OpsModule],
    clock,
  });
  const folder = path.join(around.folder, 'files', 'insurance-cards');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${newId()}.part`), 'half');
  clock.set(new Date(Date.now() + orphanAgeMs + 5_000).toISOString());
  await app
    .get(OrphanFilesWorker)
    .sweep({ folder: 'insurance-cards' }, { outboxId: newId(), attempt: 1, closed: false });
  expect(await app.get(FileStorage).list('insurance-cards', { most: 5 })).toEqual([]);
  await app.stop();
});
