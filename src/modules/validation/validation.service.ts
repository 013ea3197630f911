import { isCalendarDate } from '../prescriptions/order/index.js';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, type Tx } from '../../platform/db/index.js';
import type { JobRun } from '../../platform/jobs/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import {
  isIdentified,
  normalizeNdc,
  Patients,
  Providers,
  type KnownPatient,
  type PatientSearch,
} from '../directory/index.js';
import {
  prescriptionFail,
  Prescriptions,
  versionsSeenBy,
  systemActor,
  type Facts,
  type OrderPatient,
  type PrescriptionOrder,
} from '../prescriptions/index.js';
import { businessDateOf, latestDateOf } from './business-date.js';
import { isBlocked, type Finding } from './findings.js';
import { subjectOf } from './subject.js';
import { factsAbout } from './validated-facts.policy.js';
import type { ValidationContext } from './validation-context.js';
import { validationSettings, type SettingsOfValidation } from './validation-settings.js';
import { findingsAbout } from './validation.policy.js';
import { ValidationStore, type Background, type VersionFindings } from './validation.store.js';

export type { VersionFindings } from './validation.store.js';

type Days = Pick<ValidationContext, 'today' | 'latestToday'>;

interface Judgement {
  findings: Finding[];
  facts: Facts;
}

/** The step between intake and enrollment: who is meant, what is meant, and everything that is wrong with it. */
@Injectable()
export class Validation {
  constructor(
    @Inject(CONFIG) private readonly config: SettingsOfValidation,
    private readonly db: Database,
    private readonly audit: Audit,
    private readonly store: ValidationStore,
    private readonly prescriptions: Prescriptions,
    private readonly patients: Patients,
    private readonly providers: Providers,
    private readonly clock: Clock,
  ) {}

  /**
   * Judges the current version and moves the prescription, in the caller's transaction. Does nothing when an earlier try did.
   * @throws prescription.not-found
   */
  async validate(tx: Tx, prescriptionId: string, run?: JobRun): Promise<void> {
    const row = await this.store.lock(tx, prescriptionId);
    if (row === undefined) throw prescriptionFail('prescription.not-found');
    if (row.state !== 'received') return;
    const order = this.prescriptions.openOrder(prescriptionId, row.orderSealed);
    const now = this.clock.now();
    const days = { today: businessDateOf(now, row.timeZone), latestToday: latestDateOf(now, row.timeZone) };
    const { findings, facts } = await this.judge(tx, {
      prescriptionId,
      organizationId: row.organizationId,
      timeZone: row.timeZone,
      order,
      days,
      isPriced: row.path !== 'direct',
      ticketPatientId: row.ticketPatientId,
    });
    await this.store.keepFindings(tx, { prescriptionId, version: row.orderVersion }, findings, now);
    const blocked = isBlocked(findings);
    await this.prescriptions.move(tx, {
      id: prescriptionId,
      action: blocked ? 'fail_validation' : 'pass_validation',
      actor: systemActor,
      trigger: 'worker',
      facts,
      ...(blocked && { reason: blockingCodes(findings) }),
      ...(run !== undefined && { run }),
    });
  }

  /** For people: in their scope, and recorded. @throws prescription.not-found */
  show(principal: Principal, prescriptionId: string): Promise<VersionFindings[]> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const { orderVersion } = await this.prescriptions.get(tx, prescriptionId);
      const versions = versionsSeenBy(principal.role, await this.versions(tx, prescriptionId), orderVersion);
      const entityIds = [prescriptionId];
      await this.audit.record(tx, { action: 'read', entity: 'prescription', entityIds, reason: 'findings' });
      return versions;
    });
  }

  /** Every version with what was found in it, oldest first. @throws prescription.not-found */
  async versions(tx: Tx, prescriptionId: string): Promise<VersionFindings[]> {
    const versions = await this.store.versions(tx, prescriptionId);
    if (versions.length === 0) throw prescriptionFail('prescription.not-found');
    return versions;
  }

  private async judge(
    tx: Tx,
    about: {
      prescriptionId: string;
      organizationId: string;
      timeZone: string;
      order: PrescriptionOrder;
      days: Days;
      isPriced: boolean;
      ticketPatientId: string | null;
    },
  ): Promise<Judgement> {
    const { prescriptionId, organizationId, timeZone, order, days, isPriced, ticketPatientId } = about;
    const search =
      ticketPatientId === null ? await this.searchFor(tx, organizationId, order.patient, days.today) : undefined;
    const known = ticketPatientId === null ? search?.known : await this.patients.known(tx, ticketPatientId);
    const ndcs = ndcsOf(order);
    const background = await this.store.background(tx, { ndcs, patientId: known?.patientId, prescriptionId, timeZone });
    const subject = subjectOf(order, {
      ...days,
      ...(order.sentAt !== undefined && { sentOn: businessDateOf(new Date(order.sentAt), timeZone) }),
      ...contextFrom(background),
      settings: validationSettings(this.config),
      isPriced,
      ...(known !== undefined && { patientOnFile: known.onFile }),
    });
    const findings = findingsAbout(subject);
    const patientId =
      search === undefined || isBlocked(findings)
        ? blockedFor(order.patient, known, ticketPatientId)
        : (await this.patients.keep(tx, search)).patientId;
    // Of a version that blocks, too: its prescriber is who corrects it.
    const providerId = await this.providers.upsertFromOrder(tx, organizationId, order.prescriber);
    const parties = {
      patientId,
      ...(providerId !== undefined && { providerId }),
    };
    return { findings, facts: factsAbout(subject, parties) };
  }

  /** Nobody is matched or created from what cannot be a person: it blocks anyway, and the correction names the right one. */
  private async searchFor(
    tx: Tx,
    organizationId: string,
    patient: OrderPatient,
    today: string,
  ): Promise<PatientSearch | undefined> {
    if (!isIdentified(patient) || !isCalendarDate(patient.birthDate) || patient.birthDate > today) return undefined;
    return await this.patients.search(tx, organizationId, patient);
  }
}

/**
 * A version that blocks is to be corrected: what it says would stand on file against its own correction. Nor is an order for
 * another birth date given to whom its id belongs to, who could read it.
 */
function blockedFor(
  { birthDate }: OrderPatient,
  known: KnownPatient | undefined,
  ticketPatientId: string | null,
): string | null {
  return known?.onFile.birthDate === birthDate ? (known?.patientId ?? null) : ticketPatientId;
}

/** 11 digits each: one, or the three readings of ten bare digits. */
function ndcsOf({ medication }: PrescriptionOrder): readonly string[] {
  if (medication.ndc === undefined) return [];
  const ndc = normalizeNdc(medication.ndc);
  if (ndc.kind === 'ok') return [ndc.ndc11];
  return ndc.kind === 'ambiguous' ? ndc.candidates : [];
}

function contextFrom({
  drugs,
  priorPrescriptions,
}: Background): Pick<ValidationContext, 'priorPrescriptions' | 'drugCandidates' | 'drug'> {
  const [only, ...further] = drugs;
  return {
    priorPrescriptions,
    drugCandidates: drugs,
    ...(only !== undefined && further.length === 0 && { drug: only }),
  };
}

function blockingCodes(findings: readonly Finding[]): string {
  return [...new Set(findings.filter(({ severity }) => severity === 'blocks').map(({ code }) => code))].join(', ');
}
