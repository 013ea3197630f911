import { Injectable } from '@nestjs/common';
import { randomInt } from 'node:crypto';
import { Clock } from '../../platform/clock/index.js';
import { constantTimeEqual, Keyring, newToken, sha256 } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { codeLifeMs, mostTries, sessionLifeMs, type CoverageChoice } from './enrollment.policy.js';
import { EnrollmentCode, EnrollmentSession, type EnrollmentLink } from './enrollment-link.entity.js';

export type PictureSide = 'front' | 'back';
export type PictureKeys = Partial<Record<PictureSide, string>>;
export type CodeChannel = EnrollmentCode['channel'];
export type CodeAnswer = { kind: 'right' } | { kind: 'wrong'; triesLeft: number };

const sweepGraceMs = 3_600_000;

/** Rows of enrollment sessions and their one-time codes. */
@Injectable()
export class SessionsStore {
  constructor(
    private readonly clock: Clock,
    private readonly keyring: Keyring,
  ) {}

  async create(tx: Tx, link: EnrollmentLink): Promise<{ token: string; expiresAt: Date }> {
    const now = this.clock.now();
    const token = newToken();
    const expiresAt = new Date(now.getTime() + sessionLifeMs);
    await tx.send(
      `INSERT INTO enrollment_sessions (id, organization_id, link_id, token_hash, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [newId(), link.organizationId, link.id, sha256(token), now, expiresAt],
    );
    return { token, expiresAt };
  }

  /** A session opens the link it was made for and no other. */
  async find(tx: Tx, linkId: string, token: string | undefined): Promise<EnrollmentSession | undefined> {
    if (token === undefined) return undefined;
    const session = await tx.row(EnrollmentSession, { linkId, tokenHash: sha256(token) });
    return session !== undefined && session.expiresAt > this.clock.now() ? session : undefined;
  }

  async keepDraft(tx: Tx, session: EnrollmentSession, choice: CoverageChoice): Promise<void> {
    const sealed = this.keyring.seal(draftPlace(session.id), JSON.stringify(choice));
    await tx.send('UPDATE enrollment_sessions SET draft_sealed = $2 WHERE id = $1', [session.id, sealed]);
  }

  draftOf(session: EnrollmentSession): CoverageChoice | undefined {
    if (session.draftSealed === null) return undefined;
    return JSON.parse(this.keyring.openText(draftPlace(session.id), session.draftSealed)) as CoverageChoice;
  }

  async keepPictures(tx: Tx, sessionId: string, keys: PictureKeys): Promise<void> {
    await tx.send(
      'UPDATE enrollment_sessions SET front_key = coalesce($2, front_key), back_key = coalesce($3, back_key) WHERE id = $1',
      [sessionId, keys.front ?? null, keys.back ?? null],
    );
  }

  /** The pictures became part of a coverage, the draft an answer. */
  async empty(tx: Tx, sessionId: string): Promise<void> {
    await tx.send(
      'UPDATE enrollment_sessions SET draft_sealed = NULL, front_key = NULL, back_key = NULL WHERE id = $1',
      [sessionId],
    );
  }

  /** Long enough ago that no request can still be completing one of them. */
  async ended(tx: Tx, most: number): Promise<EnrollmentSession[]> {
    return tx.manager
      .createQueryBuilder(EnrollmentSession, 'session')
      .where('session.expiresAt <= :before', { before: new Date(this.clock.now().getTime() - sweepGraceMs) })
      .orderBy('session.expiresAt')
      .limit(most)
      .getMany();
  }

  async remove(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.send('DELETE FROM enrollment_sessions WHERE id = ANY($1::uuid[])', [ids]);
  }

  /** A newer code ends the older one. @returns the id messages are made from */
  async createCode(tx: Tx, session: EnrollmentSession, channel: CodeChannel): Promise<{ id: string; expiresAt: Date }> {
    const now = this.clock.now();
    const [id, code] = [newId(), String(randomInt(1_000_000)).padStart(6, '0')];
    const expiresAt = new Date(now.getTime() + codeLifeMs);
    await this.endCodes(tx, session.id);
    await tx.send(
      `INSERT INTO enrollment_codes (id, organization_id, session_id, channel, code_hash, code_sealed, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        id,
        session.organizationId,
        session.id,
        channel,
        this.digestOf(id, code),
        this.keyring.seal(codePlace(id), code),
        now,
        expiresAt,
      ],
    );
    return { id, expiresAt };
  }

  async openCode(tx: Tx, id: string): Promise<string | undefined> {
    const row = await tx.row(EnrollmentCode, { id });
    if (row?.codeSealed == null || row.expiresAt <= this.clock.now()) return undefined;
    return this.keyring.openText(codePlace(id), row.codeSealed);
  }

  async openCodes(tx: Tx, prescriptionId: string): Promise<string[]> {
    const rows = await tx.query<{ id: string; sealed: Buffer }>(
      `SELECT c.id, c.code_sealed AS sealed FROM enrollment_codes c
       JOIN enrollment_sessions s ON s.id = c.session_id JOIN enrollment_links l ON l.id = s.link_id
       WHERE l.prescription_id = $1 AND c.ended_at IS NULL AND c.code_sealed IS NOT NULL AND c.expires_at > $2`,
      [prescriptionId, this.clock.now()],
    );
    return rows.map(({ id, sealed }) => this.keyring.openText(codePlace(id), sealed));
  }

  /** The caller holds the link's lock. A wrong fifth try ends the code; a missing or old code is a wrong one. */
  async answerCode(tx: Tx, session: EnrollmentSession, code: string): Promise<CodeAnswer> {
    const open = await tx.one<{ id: string; hash: string; tries: number }>(
      `SELECT id, code_hash AS hash, tries FROM enrollment_codes WHERE session_id = $1 AND ended_at IS NULL AND expires_at > $2`,
      [session.id, this.clock.now()],
    );
    if (open === undefined) return { kind: 'wrong', triesLeft: 0 };
    if (constantTimeEqual(open.hash, this.digestOf(open.id, code))) {
      await this.endCodes(tx, session.id);
      await tx.send('UPDATE enrollment_sessions SET code_verified_at = $2 WHERE id = $1', [
        session.id,
        this.clock.now(),
      ]);
      return { kind: 'right' };
    }
    const triesLeft = mostTries - open.tries - 1;
    await tx.send('UPDATE enrollment_codes SET tries = tries + 1 WHERE id = $1', [open.id]);
    if (triesLeft <= 0) await this.endCodes(tx, session.id);
    return { kind: 'wrong', triesLeft: Math.max(0, triesLeft) };
  }

  private async endCodes(tx: Tx, sessionId: string): Promise<void> {
    await tx.send(
      'UPDATE enrollment_codes SET ended_at = $2, code_sealed = NULL WHERE session_id = $1 AND ended_at IS NULL',
      [sessionId, this.clock.now()],
    );
  }

  /** The id in the scope keeps equal codes of two people from having equal digests. */
  private digestOf(id: string, code: string): string {
    return this.keyring.blindIndex(`enrollment_codes|${id}`, code);
  }
}

function draftPlace(id: string) {
  return { table: 'enrollment_sessions', column: 'draft_sealed', row: id };
}

function codePlace(id: string) {
  return { table: 'enrollment_codes', column: 'code_sealed', row: id };
}
