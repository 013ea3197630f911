import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Clock } from '../../platform/clock/index.js';
import type { Statement, Tx } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { newId } from '../../platform/ids/index.js';
import { fail } from './directory.errors.js';
import { isValidDea, isValidNpi } from './identifiers/index.js';
import { normalizedEmail, normalizedPhone } from './patient-match.policy.js';
import { Provider } from './provider.entity.js';

/** What an order says about its prescriber. */
export interface PrescriberCandidate {
  npi?: string;
  dea?: string;
  spi?: string;
  firstName?: string;
  lastName?: string;
  phone?: string;
  email?: string;
}

export type NamedPrescriber = PrescriberCandidate & { npi: string; firstName: string; lastName: string };

/** Creates, or finds and fills what was empty; a known prescriber with nothing new costs no write and no lock. */
const upsert: Statement = {
  name: 'providers_upsert',
  text: `WITH known AS (
      SELECT id FROM providers WHERE organization_id = $2 AND npi = $3
    ), filled AS (
      UPDATE providers p SET dea = coalesce(p.dea, $4), spi = coalesce(p.spi, $5), email = coalesce(p.email, $8),
        phone = coalesce(p.phone, $9)
      FROM known WHERE p.id = known.id AND ((p.dea IS NULL AND $4::text IS NOT NULL) OR (p.spi IS NULL AND $5::text IS NOT NULL)
        OR (p.email IS NULL AND $8::text IS NOT NULL) OR (p.phone IS NULL AND $9::text IS NOT NULL))
    ), added AS (
      INSERT INTO providers (id, organization_id, npi, dea, spi, first_name, last_name, email, phone, created_at)
      SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE NOT EXISTS (SELECT 1 FROM known)
      ON CONFLICT ON CONSTRAINT providers_npi DO UPDATE SET npi = EXCLUDED.npi
      RETURNING id
    )
    SELECT id FROM known UNION ALL SELECT id FROM added`,
};

@Injectable()
export class Providers {
  constructor(private readonly clock: Clock) {}

  /**
   * The prescriber of an order, created when new. Undefined without a valid NPI and a name: such an order does not pass
   * validation, and a directory of misspelt numbers would help nobody.
   */
  async upsertFromOrder(tx: Tx, organizationId: string, prescriber: PrescriberCandidate): Promise<string | undefined> {
    if (!isNamed(prescriber) || !isValidNpi(prescriber.npi)) return undefined;
    const { dea, ...others } = prescriber;
    // What is on file is never replaced: a misspelt number would stand before the right one.
    const isUsable = dea !== undefined && isValidDea(dea);
    return await this.upsert(tx, organizationId, { ...others, ...(isUsable && { dea }) });
  }

  async createOrGet(tx: Tx, organizationId: string, prescriber: NamedPrescriber): Promise<Provider> {
    return await this.get(tx, organizationId, await this.upsert(tx, organizationId, prescriber));
  }

  /** @throws provider.not-found */
  async get(tx: Tx, organizationId: string, id: string): Promise<Provider> {
    const found = await tx.row(Provider, { organizationId, id });
    if (found === undefined) throw fail('provider.not-found');
    return found;
  }

  /** By id alone, for a step that has the id from our own tables. */
  async find(tx: Tx, id: string): Promise<Provider | undefined> {
    return await tx.row(Provider, { id });
  }

  /** In the order they were created. */
  async list(
    tx: Tx,
    organizationId: string,
    { cursor, limit, npi }: PageRequest & { npi?: string | undefined },
  ): Promise<Page<Provider>> {
    const rows = await tx.manager.find(Provider, {
      where: {
        organizationId,
        ...(npi !== undefined && { npi }),
        ...(cursor !== undefined && { id: MoreThan(cursor) }),
      },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    return pageOf(rows, limit);
  }

  private async upsert(tx: Tx, organizationId: string, prescriber: NamedPrescriber): Promise<string> {
    const [row] = await tx.run<{ id: string }>(upsert, [
      newId(),
      organizationId,
      prescriber.npi,
      prescriber.dea ?? null,
      prescriber.spi ?? null,
      prescriber.firstName,
      prescriber.lastName,
      normalizedEmail(prescriber.email) ?? null,
      normalizedPhone(prescriber.phone) ?? null,
      this.clock.now(),
    ]);
    if (row === undefined) throw fail('provider.not-found');
    return row.id;
  }
}

function isNamed(prescriber: PrescriberCandidate): prescriber is NamedPrescriber {
  const { npi, firstName, lastName } = prescriber;
  return [npi, firstName, lastName].every((value) => value !== undefined && value.trim() !== '');
}
