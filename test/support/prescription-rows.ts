import {
  Prescriptions,
  systemActor,
  type FulfilmentAction,
  type PrescriptionOrder,
} from '../../src/modules/prescriptions/index.js';
import { Clock } from '../../src/platform/clock/index.js';
import { systemContext } from '../../src/platform/db/index.js';
import { newId } from '../../src/platform/ids/index.js';
import { insertRow } from './looker.js';
import type { ModuleApp } from './module-app.js';

/** A prescription with its ticket in whatever state the columns say, as if the steps before had left it there. */
export async function insertPrescription(
  { sql, get, organizationId }: Pick<ModuleApp, 'sql' | 'get' | 'organizationId'>,
  columns: Readonly<Record<string, unknown>>,
  order?: PrescriptionOrder,
): Promise<string> {
  const [id, ticketId, now] = [newId(), newId(), get(Clock).now()];
  const organization = columns['organization_id'] ?? organizationId;
  await insertRow(sql, 'healthcare_tickets', {
    id: ticketId,
    organization_id: organization,
    status: 'sent',
    status_since: now,
    sent_at: now,
    created_at: now,
    updated_at: now,
  });
  await insertRow(sql, 'prescriptions', {
    id,
    organization_id: organization,
    ticket_id: ticketId,
    path: 'full',
    state_since: now,
    source: 'json',
    sender: 'test',
    received_at: now,
    ...columns,
  });
  if (order !== undefined)
    await insertRow(sql, 'prescription_versions', {
      prescription_id: id,
      version: 1,
      organization_id: organization,
      order_sealed: get(Prescriptions).sealOrder(id, order),
      created_at: now,
    });
  return id;
}

export async function stateOf({ sql }: Pick<ModuleApp, 'sql'>, id: string): Promise<string | undefined> {
  return (await sql<{ state: string }>('SELECT state FROM prescriptions WHERE id = $1', [id]))[0]?.state;
}

/** Somebody outside says so; the same at the same time is one report. */
export function report(
  { db, get }: Pick<ModuleApp, 'db' | 'get'>,
  id: string,
  action: FulfilmentAction,
  occurredAt = new Date(),
  reason?: string,
) {
  const sourceKey = `${action}:${occurredAt.toISOString()}`;
  const said = { id, action, occurredAt, sourceKey, ...(reason !== undefined && { reason }) };
  return db.tx(systemContext, (tx) =>
    get(Prescriptions).report(tx, { ...said, actor: systemActor, trigger: 'webhook' }),
  );
}
