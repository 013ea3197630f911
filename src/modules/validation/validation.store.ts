import { Injectable } from '@nestjs/common';
import { anyOf, unseen, type Statement, type Tx } from '../../platform/db/index.js';
import { filledStates, type PrescriptionPath, type PrescriptionState } from '../prescriptions/index.js';
import { namingOrigins } from '../tickets/index.js';
import type { Finding } from './findings.js';
import type { DirectoryDrug, PriorPrescription } from './validation-context.js';

export interface UnderValidation {
  organizationId: string;
  state: PrescriptionState;
  path: PrescriptionPath;
  orderVersion: number;
  orderSealed: Buffer;
  timeZone: string;
  /** Of a ticket on which a person named this patient. */
  ticketPatientId: string | null;
}

export interface Background {
  drugs: DirectoryDrug[];
  priorPrescriptions: PriorPrescription[];
}

export interface VersionFindings {
  version: number;
  createdAt: Date;
  /** Why the version was made; null for the first. */
  reason: string | null;
  /** Null until validated. */
  validatedAt: Date | null;
  findings: Finding[] | null;
}

/** Locked, so that two runs of the job, or a cancel, take turns. */
const lock: Statement = {
  name: 'validation_lock',
  text: `SELECT p.organization_id AS "organizationId", p.state, p.path, p.order_version AS "orderVersion",
      v.order_sealed AS "orderSealed", o.time_zone AS "timeZone",
      CASE WHEN t.origin IN ('${namingOrigins.join("', '")}') THEN p.patient_id END AS "ticketPatientId"
    FROM prescriptions p
    JOIN healthcare_tickets t ON t.id = p.ticket_id
    JOIN prescription_versions v ON v.prescription_id = p.id AND v.version = p.order_version
    JOIN organizations o ON o.id = p.organization_id
    WHERE p.id = $1 FOR NO KEY UPDATE OF p`,
};

const filled = `('${filledStates.join("', '")}')`;

/** Drug lines and the patient's earlier prescriptions in one trip. The newest hundred tell of any supply still in use. */
const background: Statement = {
  name: 'validation_background',
  text: `SELECT
    (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('ndc11', ndc, 'name', name, 'genericName', generic_name,
        'strength', strength, 'form', form, 'unit', unit, 'schedule', schedule))), '[]')
      FROM drugs WHERE ndc = ${anyOf(1, 'text')}) AS drugs,
    (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('id', prior.id, 'ndc11', prior.ndc,
        'genericName', prior.generic_name, 'description', prior.drug_description, 'writtenDate', prior.written_date, 'daysSupply', prior.days_supply,
        'refills', prior.refills, 'state', prior.state, 'strength', prior.strength, 'filledOn', prior.filled_on))), '[]')
      FROM (SELECT p.id, p.ndc, d.generic_name, d.strength, p.drug_description, p.written_date, p.days_supply,
          coalesce(p.refills, 0) AS refills, p.state, CASE WHEN p.state IN ${filled} THEN
            (SELECT (min(e.occurred_at) AT TIME ZONE $4)::date FROM prescription_status_events e
             WHERE e.prescription_id = p.id AND e.moved AND e.to_state IN ${filled}) END AS filled_on
        FROM prescriptions p LEFT JOIN drugs d ON d.ndc = p.ndc
        WHERE p.patient_id = ${unseen(2, 'uuid')} AND p.id <> $3 AND p.written_date IS NOT NULL AND p.days_supply IS NOT NULL
        ORDER BY p.received_at DESC, p.id DESC LIMIT 100) AS prior) AS "priorPrescriptions"`,
};

const keep: Statement = {
  name: 'validation_keep',
  text: `UPDATE prescription_versions SET findings = $3, validated_at = $4 WHERE prescription_id = $1 AND version = $2`,
};

@Injectable()
export class ValidationStore {
  async lock(tx: Tx, prescriptionId: string): Promise<UnderValidation | undefined> {
    const [row] = await tx.run<UnderValidation>(lock, [prescriptionId]);
    return row;
  }

  async background(
    tx: Tx,
    about: { ndcs: readonly string[]; patientId: string | undefined; prescriptionId: string; timeZone: string },
  ): Promise<Background> {
    if (about.ndcs.length === 0 && about.patientId === undefined) return { drugs: [], priorPrescriptions: [] };
    const { ndcs, patientId, prescriptionId, timeZone } = about;
    const [row] = await tx.run<Background>(background, [ndcs, patientId ?? null, prescriptionId, timeZone]);
    return row ?? { drugs: [], priorPrescriptions: [] };
  }

  async keepFindings(
    tx: Tx,
    { prescriptionId, version }: { prescriptionId: string; version: number },
    findings: readonly Finding[],
    now: Date,
  ): Promise<void> {
    await tx.send(keep, [prescriptionId, version, JSON.stringify(findings), now]);
  }

  /** Of every version, oldest first; none when the prescription is not visible. */
  async versions(tx: Tx, prescriptionId: string): Promise<VersionFindings[]> {
    return await tx.query<VersionFindings>(
      `SELECT version, created_at AS "createdAt", reason, validated_at AS "validatedAt", findings
       FROM prescription_versions WHERE prescription_id = $1 ORDER BY version`,
      [prescriptionId],
    );
  }
}
