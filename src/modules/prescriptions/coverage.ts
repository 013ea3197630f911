import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/db/index.js';

/** Who pays for a patient's medicine now, as claims and routing need it. */
export interface Coverage {
  id: string;
  kind: 'insurance' | 'cash';
  /** NCPDP 101-A1, six digits. Absent for cash, as are the other card fields. */
  bin?: string;
  /** NCPDP 104-A4. */
  pcn?: string;
  /** NCPDP 301-C1. */
  groupId?: string;
  /** NCPDP 302-C2, opened: never in logs, effects or job payloads. */
  cardholderId?: string;
  /** NCPDP 303-C3. */
  personCode?: string;
  /** NCPDP 306-C6: 1 cardholder, 2 spouse, 3 child, 4 other. */
  relationship?: '1' | '2' | '3' | '4';
  payerName?: string;
  /** Medicare, Medicaid, TRICARE and the like: no coupon may pay beside it. */
  government: boolean;
}

/** How the patient's check of a card that was rejected, or that no pharmacy takes, stands. `lapsed`: the link ended without an answer. */
export type CardCheck = 'not-sent' | 'with-patient' | 'answered' | 'lapsed';

export interface CoverageProvider {
  /** The coverage that is active now, undefined when none is on file. */
  current(tx: Tx, patientId: string): Promise<Coverage | undefined>;
  /** @param since when the card was found wanting: links from before belong to something else */
  cardCheck(tx: Tx, prescriptionId: string, since: Date): Promise<CardCheck>;
}

/** Steps are strangers: enrollment owns coverages and registers itself here, routing and adjudication ask. */
@Injectable()
export class Coverages implements CoverageProvider {
  private provider: CoverageProvider | undefined;

  /** Called once, in `onModuleInit` of the owner. @throws Error when there is an owner already */
  use(provider: CoverageProvider): void {
    if (this.provider !== undefined) throw new Error('coverages are registered twice');
    this.provider = provider;
  }

  async current(tx: Tx, patientId: string): Promise<Coverage | undefined> {
    return this.provider?.current(tx, patientId);
  }

  async cardCheck(tx: Tx, prescriptionId: string, since: Date): Promise<CardCheck> {
    return (await this.provider?.cardCheck(tx, prescriptionId, since)) ?? 'not-sent';
  }
}
