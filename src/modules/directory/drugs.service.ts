import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { fail } from './directory.errors.js';
import { Drug, type DrugSchedule } from './drug.entity.js';
import { normalizeNdc } from './identifiers/index.js';

export interface NewDrug {
  /** 11 digits, or any hyphenated layout. */
  ndc: string;
  name: string;
  genericName: string;
  strength: string;
  form: string;
  /** NCI code of the quantity unit. */
  unit: string;
  schedule?: DrugSchedule | undefined;
  specialty?: boolean | undefined;
  unitPriceCents: number;
}

@Injectable()
export class Drugs {
  constructor(private readonly clock: Clock) {}

  /** @param ndc 11 digits */
  async byNdc(tx: Tx, ndc: string): Promise<Drug | undefined> {
    return await tx.row(Drug, { ndc });
  }

  /** Those that are in the directory, in no order. @param ndcs 11 digits each */
  async byNdcs(tx: Tx, ndcs: readonly string[]): Promise<Drug[]> {
    return ndcs.length === 0 ? [] : await tx.manager.findBy(Drug, { ndc: In([...ndcs]) });
  }

  /** As people write it, hyphens included. @throws drug.ndc-invalid, drug.not-found */
  async get(tx: Tx, ndc: string): Promise<Drug> {
    const found = await this.byNdc(tx, ndc11Of(ndc));
    if (found === undefined) throw fail('drug.not-found');
    return found;
  }

  /** Creates and replaces; the last of several lines with one NDC counts. @throws drug.ndc-invalid naming the line */
  async upsert(tx: Tx, drugs: readonly NewDrug[]): Promise<{ stored: number }> {
    const rows = drugs.map((drug, index) => ({
      ndc: ndc11Of(drug.ndc, index),
      name: drug.name,
      generic_name: drug.genericName,
      strength: drug.strength,
      form: drug.form,
      unit: drug.unit,
      schedule: drug.schedule ?? null,
      specialty: drug.specialty ?? false,
      unit_price_cents: drug.unitPriceCents,
    }));
    // In one order everywhere, so that two uploads at once wait instead of deadlocking.
    const unique = [...new Map(rows.map((row) => [row.ndc, row])).values()].sort((left, right) =>
      left.ndc < right.ndc ? -1 : 1,
    );
    await tx.send(
      `INSERT INTO drugs (ndc, name, generic_name, strength, form, unit, schedule, specialty, unit_price_cents, created_at)
       SELECT ndc, name, generic_name, strength, form, unit, schedule, specialty, unit_price_cents, $2
       FROM jsonb_to_recordset($1) AS line(ndc text, name text, generic_name text, strength text, form text, unit text,
         schedule text, specialty boolean, unit_price_cents integer)
       ON CONFLICT (ndc) DO UPDATE SET name = EXCLUDED.name, generic_name = EXCLUDED.generic_name,
         strength = EXCLUDED.strength, form = EXCLUDED.form, unit = EXCLUDED.unit, schedule = EXCLUDED.schedule,
         specialty = EXCLUDED.specialty, unit_price_cents = EXCLUDED.unit_price_cents`,
      [JSON.stringify(unique), this.clock.now()],
    );
    return { stored: unique.length };
  }
}

function ndc11Of(ndc: string, line?: number): string {
  const read = normalizeNdc(ndc);
  if (read.kind === 'ok') return read.ndc11;
  throw fail('drug.ndc-invalid', {
    meta: {
      ...(line !== undefined && { pointer: `/drugs/${line}/ndc` }),
      ...(read.kind === 'ambiguous' ? { candidates: read.candidates } : { reason: read.reason }),
    },
  });
}
