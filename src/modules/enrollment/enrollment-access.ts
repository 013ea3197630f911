import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { RateLimits, type RateLimit } from '../../platform/http/rate-limits.js';
import { requestContext } from '../../platform/http/request-context.js';
import { Outbox } from '../../platform/outbox/index.js';
import { Audit } from '../audit/index.js';
import { isE164, normalizedEmail, Patients, type OpenPatient } from '../directory/index.js';
import { Prescriptions } from '../prescriptions/index.js';
import { fail } from './enrollment.errors.js';
import { codeRequestedEvent } from './enrollment.jobs.js';
import { linkStateFor, type LinkState } from './enrollment.policy.js';
import type { EnrollmentLink, EnrollmentSession } from './enrollment-link.entity.js';
import { isProven, secondProofOf, type Proof, type SecondProof } from './identity.policy.js';
import { LinksStore } from './links.store.js';
import { SessionsStore, type CodeAnswer, type CodeChannel } from './sessions.store.js';

const minuteMs = 60_000;
/** Stored in PostgreSQL, because every API process answers the same link. */
const perLink: RateLimit = { name: 'enrollment-link', most: 120, windowMs: 5 * minuteMs };
const perCodeRequest: RateLimit = { name: 'enrollment-code', most: 3, windowMs: 10 * minuteMs };
/** Counted for links nobody knows only: a shared address must not keep patients out. */
const perStranger: RateLimit = { name: 'enrollment-unknown', most: 300, windowMs: 5 * minuteMs };

export interface Admitted {
  link: EnrollmentLink;
  session: EnrollmentSession;
}

export interface OpenedSession {
  token: string;
  expiresAt: Date;
}

const codeOfState = {
  used: 'enrollment.link-used',
  locked: 'enrollment.link-locked',
  revoked: 'enrollment.link-revoked',
  expired: 'enrollment.link-expired',
  withdrawn: 'enrollment.link-withdrawn',
} as const satisfies Record<Exclude<LinkState, 'open'>, string>;

/** By what is on file. That a number said STOP is known to the messages alone; the page says what to do when no code comes. */
const isWritable: Readonly<Record<CodeChannel, (patient: OpenPatient) => boolean>> = {
  email: ({ email }) => normalizedEmail(email) !== undefined,
  sms: ({ phone }) => phone !== undefined && isE164(phone),
};

/** From a link to a person: token, then birth date and ZIP code (identity.policy.ts), then a session; a code for what is on file. */
@Injectable()
export class EnrollmentAccess {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly limits: RateLimits,
    private readonly audit: Audit,
    private readonly patients: Patients,
    private readonly prescriptions: Prescriptions,
    private readonly links: LinksStore,
    private readonly sessions: SessionsStore,
  ) {}

  /** The link behind a token, in whatever state. Counts the request. @throws enrollment.link-not-found, request.too-many */
  async admit(token: string): Promise<EnrollmentLink> {
    const link = await this.db.tx(systemContext, (tx) => this.links.byToken(tx, token));
    if (link === undefined) {
      await this.limits.consume(perStranger, requestContext()?.ip ?? 'nowhere');
      throw fail('enrollment.link-not-found');
    }
    await this.limits.consume(perLink, link.id);
    return link;
  }

  async stateOf(tx: Tx, link: EnrollmentLink): Promise<LinkState> {
    return linkStateFor(link, await this.prescriptions.get(tx, link.prescriptionId), this.clock.now());
  }

  /** Says which field the form needs, nothing of what is in it. */
  async secondProof(tx: Tx, link: EnrollmentLink): Promise<SecondProof> {
    return secondProofOf(await this.person(tx, link));
  }

  /** The session of a link in any state, for pages that only look. */
  async sessionOf(
    tx: Tx,
    link: EnrollmentLink,
    sessionToken: string | undefined,
  ): Promise<EnrollmentSession | undefined> {
    return this.sessions.find(tx, link.id, sessionToken);
  }

  /**
   * Opens a session for the person who knows birth date and ZIP code, or what stands for it. The fifth wrong answer revokes the link.
   * @throws enrollment.not-recognized (the same whichever part was wrong), enrollment.link-*
   */
  async verify(token: string, proof: Proof): Promise<OpenedSession> {
    const { id } = await this.admit(token);
    const result = await this.db.tx(systemContext, async (tx) => {
      const link = await this.lockOpen(tx, id);
      const right = isProven(await this.person(tx, link), proof);
      await this.auditTry(tx, link, right, 'enrollment.verify');
      return right ? this.sessions.create(tx, link) : this.links.countWrongTry(tx, link);
    });
    // Thrown outside: the count must be committed.
    if (typeof result === 'number') throw fail('enrollment.not-recognized', { meta: { triesLeft: result } });
    return result;
  }

  /** Work of a recognised person on an open link, which stays locked meanwhile. @throws enrollment.session-required */
  async within<T>(
    token: string,
    sessionToken: string | undefined,
    work: (tx: Tx, admitted: Admitted) => Promise<T>,
  ): Promise<T> {
    const { id } = await this.admit(token);
    return this.db.tx(systemContext, async (tx) => {
      const link = await this.lockOpen(tx, id);
      const session = await this.sessions.find(tx, link.id, sessionToken);
      if (session === undefined) throw fail('enrollment.session-required');
      return work(tx, { link, session });
    });
  }

  /** Sends a one-time code to the address on file. @returns when it ends @throws enrollment.code-undeliverable */
  async requestCode(token: string, sessionToken: string | undefined, channel: CodeChannel): Promise<Date> {
    const linkId = await this.within(token, sessionToken, async (tx, { link }) => {
      if (!isWritable[channel](await this.person(tx, link))) throw fail('enrollment.code-undeliverable');
      return link.id;
    });
    await this.limits.consume(perCodeRequest, linkId);
    return this.within(token, sessionToken, async (tx, { link, session }) => {
      const code = await this.sessions.createCode(tx, session, channel);
      await this.audit.record(tx, patientWrite(link, 'code'));
      await this.outbox.publish(tx, {
        name: codeRequestedEvent,
        aggregateId: link.prescriptionId,
        organizationId: link.organizationId,
        payload: { prescriptionId: link.prescriptionId, codeId: code.id, channel },
      });
      return code.expiresAt;
    });
  }

  /** From now on the session may see what is on file. @throws enrollment.code-wrong */
  async verifyCode(token: string, sessionToken: string | undefined, code: string): Promise<void> {
    const answer = await this.within<CodeAnswer>(token, sessionToken, async (tx, { link, session }) => {
      const given = await this.sessions.answerCode(tx, session, code);
      await this.auditTry(tx, link, given.kind === 'right', 'enrollment.code');
      return given;
    });
    if (answer.kind === 'wrong') throw fail('enrollment.code-wrong', { meta: { triesLeft: answer.triesLeft } });
  }

  private async lockOpen(tx: Tx, id: string): Promise<EnrollmentLink> {
    const link = await this.links.lock(tx, id);
    const state = await this.stateOf(tx, link);
    if (state !== 'open') throw fail(codeOfState[state]);
    return link;
  }

  private person(tx: Tx, link: EnrollmentLink): Promise<OpenPatient> {
    return this.patients.profile(tx, link.patientId);
  }

  private async auditTry(tx: Tx, link: EnrollmentLink, right: boolean, reason: string): Promise<void> {
    await this.audit.record(tx, {
      action: 'login',
      entity: 'enrollment_link',
      entityIds: [link.id],
      organizationId: link.organizationId,
      outcome: right ? 'success' : 'failure',
      reason,
      actor: right ? patientActor(link) : { kind: 'anonymous' },
    });
  }
}

/** What a patient does on the link before it is completed. */
export function patientWrite(link: EnrollmentLink, reason: 'code' | 'pictures' | 'choice') {
  const { id, patientId, organizationId } = link;
  const entityIds = [id, patientId];
  return {
    action: 'write',
    entity: 'enrollment_link',
    entityIds,
    organizationId,
    reason,
    actor: patientActor(link),
  } as const;
}

export function patientActor(link: EnrollmentLink) {
  return { kind: 'anonymous', role: 'patient', id: link.patientId } as const;
}
