import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../../platform/clock/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { Unrecoverable, type JobRun } from '../../platform/jobs/index.js';
import { Outbox } from '../../platform/outbox/index.js';
import { FileStorage } from '../../platform/storage/index.js';
import { Audit } from '../audit/index.js';
import { contextOf, type Principal } from '../auth/index.js';
import { Organizations } from '../directory/index.js';
import {
  mayTake,
  prescriptionFail,
  Prescriptions,
  states,
  systemActor,
  type Actor,
  type CardCheck,
  type Prescription,
} from '../prescriptions/index.js';
import { ConsentsStore } from './consents.store.js';
import type { PatientCoverage } from './coverage.entity.js';
import { CoveragesStore } from './coverages.store.js';
import { fail } from './enrollment.errors.js';
import { cardCheckLinkEvent, coverageCorrectedEvent, linkRenewedEvent } from './enrollment.jobs.js';
import {
  beginningOf,
  cardCheckStates,
  linkStateOf,
  askingStates,
  type Beginning,
  type LinkState,
} from './enrollment.policy.js';
import { LinksStore, type LinkOwner, type OpenLink } from './links.store.js';
import { SessionsStore } from './sessions.store.js';

export interface SentLink {
  prescriptionId: string;
  linkId: string;
  expiresAt: Date;
  /** An older link of the same enrollment was revoked by this one. */
  resent: boolean;
}

/** The link as its patient gets it. */
export type PatientLink = Omit<OpenLink, 'token'> & { url: string };

const sweptAtOnce = 200;

/** The platform's side of an enrollment: whether one is needed, and the link that opens it. */
@Injectable()
export class Enrollments {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly files: FileStorage,
    private readonly audit: Audit,
    private readonly organizations: Organizations,
    private readonly prescriptions: Prescriptions,
    private readonly coverages: CoveragesStore,
    private readonly consents: ConsentsStore,
    private readonly links: LinksStore,
    private readonly sessions: SessionsStore,
  ) {}

  /** A validated prescription either needs its patient, or has all it needs on file. Harmless when it has moved on. */
  async begin(tx: Tx, prescriptionId: string, run: JobRun): Promise<void> {
    const prescription = await this.prescriptions.lock(tx, prescriptionId);
    const beginning = prescription.state === 'validated' ? await this.beginning(tx, prescription) : 'leave';
    const by = { id: prescriptionId, actor: systemActor, trigger: 'worker', run } as const;
    switch (beginning) {
      case 'skip':
        await this.prescriptions.move(tx, { ...by, ...onFile });
        return;
      case 'send-link': {
        const link = await this.links.create(tx, ownerOf(prescription), prescription.stateSince);
        await this.prescriptions.move(tx, { ...by, action: 'start_enrollment', payload: { linkId: link.id } });
        return;
      }
      case 'leave':
      case 'wait-for-ops':
        await this.outbox.close(tx, run);
    }
  }

  /**
   * What a patient said for one prescription counts for the others that wait for the same: each goes on by itself, and its
   * link asks for nothing any more. Those about to begin as well, as they may have looked before it was on file, and those that
   * stand still for the card before: no pharmacy takes its plan, or its payer does not know it.
   */
  async skipOthers(patientId: string, { outboxId }: JobRun): Promise<void> {
    const waiting = await this.db.tx(systemContext, (tx) =>
      tx.query<{ id: string }>(`SELECT id FROM prescriptions WHERE patient_id = $1 AND state = ANY($2::text[])`, [
        patientId,
        skippable,
      ]),
    );
    for (const { id } of waiting) await this.db.tx(systemContext, (tx) => this.skip(tx, id, outboxId));
  }

  /**
   * Starts an enrollment that waits for operations, or sends the patient a new link: while the enrollment is open, and when
   * a rejected claim, or a plan no pharmacy takes, asks for another card. @throws prescription.not-found, prescription.illegal-action
   */
  async send(principal: Principal, prescriptionId: string): Promise<SentLink> {
    return this.db.tx(contextOf(principal), async (tx) => {
      const prescription = await this.prescriptions.lock(tx, prescriptionId);
      if (prescription.path === 'direct') {
        throw prescriptionFail('prescription.illegal-action', {
          detail: 'The direct path has no enrollment: the pharmacy bills by itself.',
          meta: { state: prescription.state, action: 'start_enrollment' },
        });
      }
      const actor: Actor = { kind: principal.kind === 'api-key' ? 'api_key' : 'user', id: principal.id };
      const resent = prescription.state !== 'validated';
      const link = await this.links.create(tx, ownerOf(prescription), prescription.stateSince);
      if (askingStates.has(prescription.state)) {
        // Where no pharmacy was found nobody has written to the patient of the card before.
        const letter = prescription.state === 'routing_issue' ? cardCheckLinkEvent : linkRenewedEvent;
        await this.publishLink(tx, letter, prescription, link.id);
      } else {
        await this.prescriptions.moveOrRefuse(tx, {
          id: prescriptionId,
          action: 'start_enrollment',
          actor,
          trigger: 'user',
          payload: { linkId: link.id },
        });
      }
      await this.audit.record(tx, {
        action: 'write',
        entity: 'enrollment_link',
        entityIds: [link.id, prescriptionId],
        reason: resent ? 'enrollment.resend' : 'enrollment.start',
      });
      return { prescriptionId, linkId: link.id, expiresAt: link.expiresAt, resent };
    });
  }

  /**
   * Asks the patient to check the card of a rejected claim: one link per reject, whoever made it; nothing when another card is
   * on file since. Harmless when the prescription has moved on.
   * @param claimedAt when the claim was made; the patient may have answered for another order before it was rejected
   */
  async askForCardCheck(tx: Tx, prescriptionId: string, run: JobRun, claimedAt?: Date): Promise<void> {
    const prescription = await this.prescriptions.lock(tx, prescriptionId);
    const { state, stateSince } = prescription;
    if (state === 'adjudication_issue' && (await this.cardCheck(tx, prescriptionId, stateSince)) === 'not-sent') {
      const corrected = await this.correctedSince(tx, prescription, claimedAt ?? stateSince);
      if (corrected === undefined) {
        const link = await this.links.create(tx, ownerOf(prescription), prescription.stateSince);
        await this.publishLink(tx, cardCheckLinkEvent, prescription, link.id);
      } else await this.publishCorrected(tx, prescription, corrected);
    }
    await this.outbox.close(tx, run);
  }

  /** Whether a patient has agreed to what we do, texts among it, and the agreement still stands. */
  hasConsent(tx: Tx, patientId: string): Promise<boolean> {
    return this.consents.isOnFile(tx, patientId);
  }

  async cardCheck(tx: Tx, prescriptionId: string, since: Date): Promise<CardCheck> {
    const link = await this.links.newest(tx, prescriptionId);
    return link === undefined || link.createdAt < since ? 'not-sent' : cardCheckOf[linkStateOf(link, this.clock.now())];
  }

  /**
   * For the message that carries it. Undefined: there is no open link (any more) of what the prescription waits for, so there
   * is nothing to send. A link made before the card was found wanting belongs to something else.
   */
  async openLink(tx: Tx, { id, state, stateSince }: Prescription): Promise<PatientLink | undefined> {
    const link = await this.links.open(tx, id);
    if (link === undefined || (cardCheckStates.has(state) && link.createdAt < stateSince)) return undefined;
    const { token, ...opened } = link;
    return { ...opened, url: `${this.patientBaseUrl()}/enroll/${token}` };
  }

  /** The one-time code of an `enrollment_code_requested` event; undefined once it is used, replaced or too old. */
  async codeFor(tx: Tx, codeId: string): Promise<string | undefined> {
    return this.sessions.openCode(tx, codeId);
  }

  /** Codes that still open something: one per session at most. */
  openCodes(tx: Tx, prescriptionId: string): Promise<string[]> {
    return this.sessions.openCodes(tx, prescriptionId);
  }

  /** What may still be waiting for a vendor is kept; what can serve nobody any more is deleted. */
  async sweep(): Promise<void> {
    const ended = await this.db.tx(systemContext, async (tx) => {
      await this.links.forgetExpiredTokens(tx);
      return this.sessions.ended(tx, sweptAtOnce);
    });
    for (const { frontKey, backKey } of ended) {
      for (const key of [frontKey, backKey]) if (key !== null) await this.files.remove(key);
    }
    await this.db.tx(systemContext, (tx) =>
      this.sessions.remove(
        tx,
        ended.map(({ id }) => id),
      ),
    );
  }

  private async skip(tx: Tx, id: string, jobId: string): Promise<void> {
    const prescription = await this.prescriptions.lock(tx, id);
    const { state, stateSince } = prescription;
    if (cardCheckStates.has(state)) {
      const corrected = await this.correctedSince(tx, prescription, stateSince);
      // The same card would end in the same place.
      if (corrected === undefined) return;
      if (state === 'adjudication_issue') return this.answerCardCheck(tx, prescription, corrected);
    }
    if (!mayTake(state, onFile.action) || (await this.beginning(tx, prescription)) !== 'skip') return;
    await this.prescriptions.move(tx, { id, actor: systemActor, trigger: 'worker', jobId, ...onFile });
    await this.links.useUp(tx, id);
  }

  /** Of another reject the patient was asked nothing, so nothing answers it. */
  private async answerCardCheck(tx: Tx, prescription: Prescription, corrected: PatientCoverage): Promise<void> {
    const { id, stateSince } = prescription;
    if (!unanswered.has(await this.cardCheck(tx, id, stateSince))) return;
    await this.publishCorrected(tx, prescription, corrected);
    await this.links.useUp(tx, id);
  }

  private async beginning(tx: Tx, { organizationId, patientId, path }: Prescription): Promise<Beginning> {
    const { autoEnrollment } = await this.organizations.get(tx, organizationId);
    if (path === 'direct') return 'leave';
    if (patientId === null)
      throw new Unrecoverable('enrollment.patient-unknown', 'a validated prescription has a patient');
    const coverage = await this.coverages.active(tx, patientId);
    const hasConsent = await this.consents.isOnFile(tx, patientId);
    return beginningOf({ path, hasCoverage: coverage !== undefined, hasConsent, autoEnrollment });
  }

  /** What pays now, when it is newer than what the prescription stands still for. */
  private async correctedSince(
    tx: Tx,
    { patientId, path }: Prescription,
    since: Date,
  ): Promise<PatientCoverage | undefined> {
    if (patientId === null || path !== 'full') return undefined;
    const coverage = await this.coverages.active(tx, patientId);
    return coverage !== undefined && coverage.activeFrom > since ? coverage : undefined;
  }

  private async publishCorrected(
    tx: Tx,
    { id, organizationId }: Prescription,
    { id: coverageId }: PatientCoverage,
  ): Promise<void> {
    const payload = { prescriptionId: id, coverageId };
    await this.outbox.publish(tx, { name: coverageCorrectedEvent, aggregateId: id, organizationId, payload });
  }

  private async publishLink(tx: Tx, name: string, prescription: Prescription, linkId: string): Promise<void> {
    await this.outbox.publish(tx, {
      name,
      aggregateId: prescription.id,
      organizationId: prescription.organizationId,
      payload: { prescriptionId: prescription.id, linkId },
    });
  }

  private patientBaseUrl(): string {
    const { PATIENT_PORTAL_URL, PUBLIC_URL, HOST, PORT } = this.config;
    return (PATIENT_PORTAL_URL ?? PUBLIC_URL ?? `http://${HOST}:${PORT}`).replace(/\/+$/, '');
  }
}

const cardCheckOf: Readonly<Record<LinkState, CardCheck>> = {
  open: 'with-patient',
  used: 'answered',
  expired: 'lapsed',
  locked: 'lapsed',
  revoked: 'lapsed',
  withdrawn: 'lapsed',
};

/** A card check that was sent and nobody has answered. */
const unanswered: ReadonlySet<CardCheck> = new Set(['with-patient', 'lapsed']);

const onFile = { action: 'complete_enrollment', reason: 'coverage and consent on file' } as const;
const skippable = states.filter((state) => mayTake(state, onFile.action) || cardCheckStates.has(state));

function ownerOf({ id, organizationId, patientId }: Prescription): LinkOwner {
  if (patientId === null) throw fail('enrollment.patient-unknown');
  return { prescriptionId: id, organizationId, patientId };
}
