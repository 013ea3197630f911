import '../utc.js';
import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { loadConfig } from '../../config/index.js';
import { anchorFileOf, Verifier, VerifierStore, type Verification } from '../modules/audit/index.js';
import { SystemClock } from '../platform/clock/index.js';
import { dataSourceOptions } from '../platform/db/data-source.js';
import { Database } from '../platform/db/index.js';
import { locateDatabase } from '../platform/db/locate.js';
import { auditFindings, auditSummary } from './audit-findings.js';
import { exitCodeOf, problemCode, renderFindings } from './doctor/finding.js';

/** `npm run audit:verify`: computes the audit chains anew and names the first bad row. Ends with 1 when something is wrong. */
async function main(): Promise<void> {
  const seen = await verification();
  const findings = auditFindings(seen);
  const exitCode = exitCodeOf(findings);
  process.stdout.write(`${renderFindings(findings)}\n${auditSummary(seen, exitCode)}\n`);
  process.exitCode = exitCode;
}

async function verification(): Promise<Verification> {
  const config = loadConfig(process.env);
  const database = await locateDatabase(config, (line) => process.stderr.write(`${line}\n`));
  try {
    const db = new Database(new DataSource(dataSourceOptions(database.databaseUrl, 1)));
    await db.open();
    try {
      return await new Verifier(new VerifierStore(db), new SystemClock()).verify(anchorFileOf(config));
    } finally {
      await db.close();
    }
  } finally {
    await database.leave();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`audit:verify: cannot verify: ${problemCode(error)}\n`);
  process.exitCode = 1;
});
