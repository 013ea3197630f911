import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './ask.js';
import { usableBinaries, type Binaries } from './binaries.js';
import { initialiseOnce, superuser } from './initialise.js';
import { placeCluster, type Placement } from './placement.js';
import { disownPidFile, isStale, readPostmaster, stopPostmaster } from './postmaster.js';
import { openSecretsFile, type SecretStore } from './secrets.js';
import { freePort, host, launch } from './server.js';

export interface EmbeddedPostgresOptions {
  /** Its parent is created; the cluster may live elsewhere when PostgreSQL's account cannot reach it (see `dataDir` below). */
  dataDir: string;
  log?: (line: string) => void;
  /** Off only for data nobody will miss. Default on. */
  fsync?: boolean;
  /** Taken when free. Default: the kernel chooses. */
  port?: number;
}

export interface EmbeddedPostgres {
  readonly host: string;
  readonly port: number;
  /** True: it was running already, started by another process or left over by one that was killed. */
  readonly adopted: boolean;
  /** The real folder of the data. */
  readonly dataDir: string;
  /** The passwords of this cluster, in a file of mode 600 beside the data folder. */
  readonly secrets: SecretStore;
  superuserUrl(database?: string): string;
  /** Stops the server, adopted or not. The caller's last step: its own connections must be closed before. */
  stop(): Promise<void>;
}

/** Crash recovery after a long write burst takes minutes at worst; a hung start must still end. */
const startTimeoutMs = 180_000;
const stopTimeoutMs = 60_000;
const pollMs = 50;

/** A refused start that passes by itself: the port was taken in between, or what a killed postmaster left is still going. */
const portTaken = /address already in use/i;
const passing = /address already in use|Is another postmaster|lock file "postmaster\.pid"|shared memory block/i;
const passingTimeoutMs = 30_000;

/** Finds, initialises, starts or adopts the cluster of a folder. Safe to call in several processes at the same moment. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => undefined);
  const fsync = options.fsync ?? true;
  const place = await placeCluster(options.dataDir, log);
  const secrets = openSecretsFile(place.secretsFile);
  const password = await secrets.passwordOf(superuser);
  const binaries = await usableBinaries(place.account, place.copyHome, log);
  await initialiseOnce(place, binaries, password, fsync);
  const dataDir = await realpath(place.dataDir);
  const cluster = { ...place, dataDir };

  const urlAt = (port: number, database: string): string =>
    `postgresql://${superuser}:${encodeURIComponent(password)}@${host}:${port}/${encodeURIComponent(database)}`;
  const { port, adopted } = await startOrAdopt(cluster, binaries, { fsync, wanted: options.port, urlAt });
  log(`PostgreSQL ${adopted ? 'was already running' : 'started'} on ${host}:${port}, data in ${dataDir}`);
  return {
    host,
    port,
    adopted,
    dataDir,
    secrets,
    superuserUrl: (database = 'postgres') => urlAt(port, database),
    stop: () => stopPostmaster(dataDir, stopTimeoutMs),
  };
}

interface StartSettings {
  fsync: boolean;
  wanted: number | undefined;
  urlAt: (port: number, database: string) => string;
}

/** One loop for all cases: whoever holds the pid file is asked who it is; when nobody holds it, we try, and ask again if refused. */
async function startOrAdopt(
  place: Placement,
  binaries: Binaries,
  { fsync, wanted, urlAt }: StartSettings,
): Promise<{ port: number; adopted: boolean }> {
  const began = Date.now();
  let wantedPort = wanted;
  while (Date.now() - began < startTimeoutMs) {
    const running = readPostmaster(place.dataDir);
    if (running && !isStale(running)) {
      const answer = running.port ? await ask(urlAt(running.port, 'postgres'), place.dataDir) : 'no';
      if (running.port && answer === 'ours') return { port: running.port, adopted: true };
      if (answer === 'refused') throw new Error(wrongPassword(place));
      await sleep(pollMs);
      continue;
    }
    disownPidFile(place.dataDir);
    const port = await freePort(wantedPort);
    const launched = await launch(place, binaries, {
      port,
      fsync,
      deadline: began + startTimeoutMs,
      ask: () => ask(urlAt(port, 'postgres'), place.dataDir),
    });
    if (launched.state === 'refused') {
      await stopPostmaster(place.dataDir, stopTimeoutMs);
      throw new Error(wrongPassword(place));
    }
    if (launched.state === 'ready') return { port, adopted: false };
    if (!passing.test(launched.said) || Date.now() - began > passingTimeoutMs) {
      throw new Error(`PostgreSQL did not start on ${place.dataDir}: ${launched.said}`);
    }
    if (portTaken.test(launched.said)) wantedPort = undefined;
    await sleep(pollMs);
  }
  throw new Error(
    `PostgreSQL did not answer on ${place.dataDir} within ${startTimeoutMs} ms. Its log: ${place.logFile}`,
  );
}

const wrongPassword = (place: Placement): string =>
  `The password in ${place.secretsFile} does not open the PostgreSQL of ${place.dataDir}. Restore that file.`;
