import { Injectable } from '@nestjs/common';
import { Database, systemContext, type Tx } from '../../platform/db/index.js';
import { isRefusal } from '../../platform/errors/index.js';
import { requestContext } from '../../platform/http/request-context.js';
import { Outbox } from '../../platform/outbox/index.js';
import { FileStorage } from '../../platform/storage/index.js';
import { Pictures, type RefusePicture } from '../../platform/uploads/index.js';
import { Audit } from '../audit/index.js';
import { Organizations, type Organization } from '../directory/index.js';
import { Prescriptions, type Prescription } from '../prescriptions/index.js';
import { cardFolder, type UploadedPictures } from './card-upload.js';
import { currentConsentText } from './consent-texts.js';
import { ConsentsStore } from './consents.store.js';
import { CoveragesStore } from './coverages.store.js';
import { EnrollmentAccess, patientActor, patientWrite, type Admitted } from './enrollment-access.js';
import { fail } from './enrollment.errors.js';
import { coverageCorrectedEvent, skipOthersJob } from './enrollment.jobs.js';
import {
  cardOf,
  isGovernment,
  needsOf,
  staysGovernment,
  withPayerName,
  type CardDetails,
  type CoverageChoice,
  type GovernmentWord,
  type LinkState,
  type Need,
} from './enrollment.policy.js';
import type { SecondProof } from './identity.policy.js';
import { LinksStore } from './links.store.js';
import { SessionsStore, type PictureKeys, type PictureSide } from './sessions.store.js';

/** What anyone with the link may know: nothing about a person. */
export interface EnrollmentView {
  state: LinkState;
  expiresAt: Date;
  needs: readonly Need[];
  /** What the identity step asks beside the birth date. */
  secondProof: SecondProof;
  organization: Pick<Organization, 'brand' | 'supportPhone'>;
}

/** What a recognised person sees of the own enrollment, without anything stored before. */
export interface SessionView {
  onFile: boolean;
  codeVerified: boolean;
  draft: CoverageChoice['kind'] | undefined;
  pictures: readonly PictureSide[];
}

/** `government` is undefined while nobody has said, and the card does not betray it. */
export type StoredCoverage = { kind: 'insurance'; card: CardDetails; government?: boolean } | { kind: 'cash' };

export interface Completion {
  coverage?: CoverageChoice | undefined;
  consentVersion: string;
}

const refuse: RefusePicture = (problem, extras) => fail(`enrollment.picture-${problem}`, extras);

/** The patient's side of an enrollment. Every change is one transaction on the locked link. */
@Injectable()
export class PatientEnrollment {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly files: FileStorage,
    private readonly audit: Audit,
    private readonly organizations: Organizations,
    private readonly prescriptions: Prescriptions,
    private readonly access: EnrollmentAccess,
    private readonly pictures: Pictures,
    private readonly coverages: CoveragesStore,
    private readonly consents: ConsentsStore,
    private readonly links: LinksStore,
    private readonly sessions: SessionsStore,
  ) {}

  /** Changes nothing: mail scanners follow links. */
  async look(token: string): Promise<EnrollmentView> {
    const link = await this.access.admit(token);
    return this.db.tx(systemContext, async (tx) => {
      const { path } = await this.prescriptions.get(tx, link.prescriptionId);
      const organization = await this.organizations.get(tx, link.organizationId);
      const state = await this.access.stateOf(tx, link);
      const secondProof = await this.access.secondProof(tx, link);
      return { state, expiresAt: link.expiresAt, needs: needsOf(path), secondProof, organization };
    });
  }

  /** Undefined without a session of this link. Changes nothing; works on a used link too, for the page that says so. */
  async lookInside(token: string, sessionToken: string | undefined): Promise<SessionView | undefined> {
    const link = await this.access.admit(token);
    return this.db.tx(systemContext, async (tx) => {
      const session = await this.access.sessionOf(tx, link, sessionToken);
      if (session === undefined) return undefined;
      const stored = await this.stored(tx, { link, session });
      return {
        onFile: stored?.kind === 'insurance',
        codeVerified: session.codeVerifiedAt !== null,
        draft: this.sessions.draftOf(session)?.kind,
        pictures: [
          ...(session.frontKey === null ? [] : (['front'] as const)),
          ...(session.backKey === null ? [] : (['back'] as const)),
        ],
      };
    });
  }

  /** What is on file, or what the prescriber sent. @throws enrollment.code-required, enrollment.no-coverage-on-file */
  async storedCoverage(token: string, sessionToken: string | undefined): Promise<StoredCoverage> {
    return this.access.within(token, sessionToken, async (tx, admitted) => {
      if (admitted.session.codeVerifiedAt === null) throw fail('enrollment.code-required');
      const stored = await this.stored(tx, admitted);
      if (stored === undefined) throw fail('enrollment.no-coverage-on-file');
      await this.audit.record(tx, {
        action: 'read',
        entity: 'coverage',
        entityIds: [admitted.link.patientId],
        organizationId: admitted.link.organizationId,
        actor: patientActor(admitted.link),
      });
      return stored;
    });
  }

  /** Keeps cleaned pictures with the session until it is completed. @throws enrollment.picture-* */
  async addPictures(
    token: string,
    sessionToken: string | undefined,
    uploaded: UploadedPictures,
  ): Promise<PictureSide[]> {
    const sides = (['front', 'back'] as const).filter((side) => uploaded[side] !== undefined);
    if (sides.length === 0) throw fail('enrollment.picture-missing');
    // Strangers do not get to spend our processor on pictures.
    await this.access.within(token, sessionToken, async () => undefined);
    const keys: PictureKeys = {};
    try {
      const cleaned: [PictureSide, Buffer][] = [];
      for (const side of sides)
        cleaned.push([side, await this.pictures.clean(uploaded[side] ?? Buffer.alloc(0), refuse)]);
      for (const [side, picture] of cleaned) keys[side] = await this.files.put(cardFolder, picture);
      const replaced = await this.access.within(token, sessionToken, async (tx, { link, session }) => {
        await this.sessions.keepPictures(tx, session.id, keys);
        await this.audit.record(tx, patientWrite(link, 'pictures'));
        return [keys.front && session.frontKey, keys.back && session.backKey];
      });
      await this.forget(replaced);
      return sides;
    } catch (error) {
      // Otherwise the session may name them: the sweep knows.
      if (isRefusal(error)) await this.forget(Object.values(keys));
      throw error;
    }
  }

  /** For the pages, whose second step ends before the third. */
  async keepChoice(token: string, sessionToken: string | undefined, choice: CoverageChoice): Promise<void> {
    await this.access.within(token, sessionToken, async (tx, admitted) => {
      if (choice.kind === 'on_file' && (await this.stored(tx, admitted)) === undefined) {
        throw fail('enrollment.no-coverage-on-file');
      }
      await this.sessions.keepDraft(tx, admitted.session, choice);
      await this.audit.record(tx, patientWrite(admitted.link, 'choice'));
    });
  }

  /** Coverage, consent and the prescription's move in one transaction; the link has then done its work. */
  async complete(
    token: string,
    sessionToken: string | undefined,
    given: Completion,
    userAgent: string | undefined,
  ): Promise<void> {
    await this.access.within(token, sessionToken, async (tx, admitted) => {
      const { link, session } = admitted;
      const current = currentConsentText().version;
      if (given.consentVersion !== current) throw fail('enrollment.consent-outdated', { meta: { current } });
      const prescription = await this.prescriptions.lock(tx, link.prescriptionId);
      // Corrected to another patient since the link was looked at.
      if (prescription.patientId !== link.patientId) throw fail('enrollment.link-withdrawn');
      const choice = given.coverage ?? this.sessions.draftOf(session);
      const coverageId = prescription.path === 'cash' ? undefined : await this.settle(tx, admitted, choice);
      const consentId = await this.consents.give(tx, link, { ip: requestContext()?.ip, userAgent });
      await this.links.use(tx, link.id);
      await this.moveOn(tx, prescription, link.patientId, coverageId);
      const { id: aggregateId, organizationId } = prescription;
      await this.outbox.enqueue(tx, skipOthersJob, { patientId: link.patientId }, { aggregateId, organizationId });
      await this.audit.record(tx, {
        action: 'write',
        entity: 'enrollment',
        entityIds: [link.prescriptionId, consentId, ...(coverageId === undefined ? [] : [coverageId])],
        organizationId: link.organizationId,
        reason: 'enrollment.complete',
        actor: patientActor(link),
      });
    });
  }

  /** @returns the coverage that counts from now on */
  private async settle(tx: Tx, admitted: Admitted, choice: CoverageChoice | undefined): Promise<string> {
    if (choice === undefined) throw fail('enrollment.coverage-required');
    const { link, session } = admitted;
    const pictures = picturesOf(session);
    if (choice.kind === 'cash') return this.coverages.replace(tx, link, choice);
    await this.sessions.empty(tx, session.id);
    const known = await this.stored(tx, admitted);
    const said = wordOf(choice, known, session);
    if (choice.kind === 'insurance') {
      const card = withPayerName(choice.card, known?.kind === 'insurance' ? known.card : undefined);
      return this.coverages.replace(tx, link, { kind: 'insurance', card, ...said }, pictures);
    }
    if (known === undefined) throw fail('enrollment.no-coverage-on-file');
    const active = await this.coverages.active(tx, link.patientId);
    if (active === undefined || saysOtherwise(known, said)) {
      return this.coverages.replace(tx, link, { ...known, ...said }, { ...picturesOf(active), ...pictures });
    }
    await this.coverages.replacePictures(tx, active, pictures);
    return active.id;
  }

  /** The coverage on file wins over the prescriber's note of it: the patient said it. */
  private async stored(tx: Tx, { link }: Admitted): Promise<StoredCoverage | undefined> {
    const active = await this.coverages.current(tx, link.patientId);
    if (active?.kind === 'cash') return { kind: 'cash' };
    const order = await this.prescriptions.order(tx, link.prescriptionId);
    const card = cardOf(active ?? order.coverage);
    if (card === undefined) return undefined;
    const government = active?.government ?? (isGovernment(card, false) ? true : undefined);
    return { kind: 'insurance', card, ...(government !== undefined && { government }) };
  }

  private async moveOn(tx: Tx, prescription: Prescription, patientId: string, coverageId?: string): Promise<void> {
    const { id, organizationId, state } = prescription;
    if (state === 'adjudication_issue') {
      const payload = { prescriptionId: id, coverageId };
      return this.outbox.publish(tx, { name: coverageCorrectedEvent, aggregateId: id, organizationId, payload });
    }
    const moved = await this.prescriptions.move(tx, {
      id,
      action: 'complete_enrollment',
      actor: { kind: 'patient', id: patientId },
      trigger: 'user',
      reason: 'coverage and consent given',
    });
    if (moved === undefined) throw fail('enrollment.not-waiting');
  }

  private async forget(keys: readonly (string | null | undefined)[]): Promise<void> {
    for (const key of keys) if (key != null) await this.files.remove(key).catch(() => undefined);
  }
}

function picturesOf(kept: { frontKey: string | null; backKey: string | null } | undefined): PictureKeys {
  return {
    ...(kept?.frontKey != null && { front: kept.frontKey }),
    ...(kept?.backKey != null && { back: kept.backKey }),
  };
}

function wordOf(
  { government }: { government?: boolean },
  known: StoredCoverage | undefined,
  { codeVerifiedAt }: { codeVerifiedAt: Date | null },
): GovernmentWord {
  const hasSeenYes = codeVerifiedAt !== null && known?.kind === 'insurance' && known.government === true;
  return { ...(government !== undefined && { government }), hasSeenYes };
}

/** The card on file pays, and the patient's answer changes whether it is taken for governmental. */
function saysOtherwise(known: StoredCoverage, said: GovernmentWord): boolean {
  if (known.kind === 'cash') return false;
  const before = known.government === true;
  return staysGovernment(known.card, said, before) !== before;
}
