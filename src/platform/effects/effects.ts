import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../../config/index.js';
import { Clock } from '../clock/index.js';
import { CONFIG } from '../config/index.js';
import { Database, fold, systemContext, unnested, type Statement, type Tx } from '../db/index.js';
import { TryLater, Unrecoverable } from '../jobs/retry.js';
import { Unanswered } from './unanswered.js';

/** What a provider did for us, small and free of patient data: ids, amounts, codes. Kept as JSON. */
export type EffectReply = Readonly<Record<string, unknown>>;

export interface EffectSpec<R extends EffectReply> {
  /** Names the effect for ever: the same key is the same charge, label or message. */
  key: string;
  /** `vendor.thing`, for the ledger and the doctor. */
  kind: string;
  /** Digest of what is asked for; a key met again with another request is a bug and stops. */
  requestHash: string;
  aggregateId: string;
  organizationId: string;
  /** Calls the provider with the key. */
  call: (key: string) => Promise<R>;
  /**
   * Asks the provider whether an earlier, unanswered try had its effect. Needed where the provider knows no idempotency
   * keys; without it the call is repeated with the same key. It is told how the earlier try ended: of one that was refused
   * nothing is there, unless the provider did it later by itself.
   */
  lookup?: (earlier: EarlierTry) => Promise<R | undefined>;
}

export type EarlierTry = 'unanswered' | 'refused';

/** The provider said no, for good: nothing happened there. A vendor gateway throws it for definite 4xx answers. */
export class Refused extends Unrecoverable {}

/** The provider took nothing in: it was not reached, or asked to be left alone for a while. Nothing happened there. */
export class NotTaken extends TryLater {}

interface EffectRow {
  key: string;
  state: 'sent' | 'confirmed' | 'unknown' | 'refused';
  reply: EffectReply | null;
  requestHash: string;
  heldUntil: Date;
  fresh: boolean;
  resumed: boolean;
  isInDoubt: boolean;
}

const claimSql: Statement = {
  name: 'effects_claim',
  text: `INSERT INTO effects (key, kind, state, request_hash, aggregate_id, organization_id, attempts, held_until, created_at, updated_at)
    SELECT c.key, c.kind, 'sent', c.request_hash, c.aggregate_id, c.organization_id, 1, $6, $7, $7
    FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::uuid[]) AS c(key, kind, request_hash, aggregate_id, organization_id)
    ON CONFLICT (key) DO UPDATE SET
      state = CASE WHEN effects.state IN ('refused', 'unknown') AND effects.held_until <= $7 THEN 'sent' ELSE effects.state END,
      attempts = effects.attempts + 1,
      held_until = CASE WHEN effects.state = 'confirmed' OR effects.held_until > $7 THEN effects.held_until ELSE $6 END,
      request_hash = CASE WHEN effects.state = 'refused' THEN EXCLUDED.request_hash ELSE effects.request_hash END,
      updated_at = $7,
      error_code = CASE WHEN effects.state = 'confirmed' OR effects.held_until > $7 THEN effects.error_code
        WHEN effects.state = 'refused' THEN NULL ELSE 'unanswered' END,
      resumed = effects.state <> 'confirmed' AND effects.held_until <= $7
    RETURNING key, state, reply, request_hash AS "requestHash", held_until AS "heldUntil", xmax = 0 AS fresh, resumed,
      error_code IS NOT NULL AS "isInDoubt"`,
};

const settleSql: Statement = {
  name: 'effects_settle',
  text: `UPDATE effects e SET state = s.state, reply = coalesce(s.reply, e.reply), provider_id = s.provider_id,
      error_code = s.error_code, held_until = CASE WHEN s.is_over THEN $7 ELSE e.held_until END, updated_at = $7
    FROM ${unnested(1, 'text', 'text', 'jsonb', 'text', 'text', 'bool')}
      AS s(key, state, reply, provider_id, error_code, is_over)
    WHERE e.key = s.key AND e.state <> 'confirmed'`,
};

interface Settlement {
  key: string;
  state: 'confirmed' | 'unknown' | 'refused';
  reply: EffectReply | null;
  providerId: string | null;
  errorCode: string | null;
  /** False: the provider may be at work on it still, so nobody asks before the hold ends. */
  isOver: boolean;
}

/** How soon to look whether another worker has its answer. */
const answerWaitMs = 2_000;

type Claim = Pick<EffectSpec<EffectReply>, 'key' | 'kind' | 'requestHash' | 'aggregateId' | 'organizationId'>;

/**
 * The ledger of what we asked the outside world to do. The row is written before the call and settled after it, so a
 * crash in between leaves `sent`, which is resolved by the same key or by asking the provider, never by a new key. What was
 * refused, or gave no answer, is `sent` again while it is asked for again.
 */
@Injectable()
export class Effects {
  /** EFFECT_HOLD_MS is longer than any call lasts, also at a provider we stopped listening to: nobody asks again before. */
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'EFFECT_HOLD_MS'>,
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Brings the effect about once and answers what the provider replied, now or at an earlier try.
   * @throws Refused when the provider refuses for good; the same key may be tried again after a correction
   * @throws TryLater when another worker holds the effect, or the provider may be at work on an earlier, unanswered call
   * @throws Unrecoverable `effect.rehearsal` in a rehearsal
   */
  async once<R extends EffectReply>(spec: EffectSpec<R>): Promise<R> {
    if (this.db.isRehearsing) {
      throw new Unrecoverable('effect.rehearsal', `effect ${spec.kind} is outside and was not tried out`);
    }
    const row = await this.claim(spec);
    if (row.requestHash !== spec.requestHash && row.state === 'confirmed') {
      throw new Unrecoverable('effect.request-changed', `effect ${spec.kind} was confirmed for another request`);
    }
    if (row.state === 'confirmed' && row.reply !== null) return row.reply as R;
    if (!row.fresh && !row.resumed) throw this.held(row);
    let isAsked = false;
    try {
      const earlier = row.fresh ? undefined : await spec.lookup?.(row.isInDoubt ? 'unanswered' : 'refused');
      isAsked = true;
      const reply = earlier ?? (await spec.call(spec.key));
      await this.settle({
        key: spec.key,
        state: 'confirmed',
        reply,
        providerId: idOf(reply),
        errorCode: null,
        isOver: true,
      });
      return reply;
    } catch (error) {
      // A look-up that is refused says nothing of what an earlier try brought about.
      const refused = isAsked && (error instanceof Refused || error instanceof NotTaken);
      await this.settle({
        key: spec.key,
        state: refused ? 'refused' : 'unknown',
        reply: null,
        providerId: null,
        errorCode: refused ? error.code : 'unanswered',
        isOver: !isAsked || isOver(error),
      });
      throw error;
    }
  }

  /**
   * Somebody asked the provider and says that what was tried by then has not happened: the next try is as after a refusal. What
   * was tried later is as doubtful as before.
   */
  async deny(tx: Tx, key: string, triedBy: Date): Promise<void> {
    await tx.send(
      `UPDATE effects SET state = 'refused', error_code = 'denied', updated_at = $3
       WHERE key = $1 AND state = 'unknown' AND updated_at <= $2`,
      [key, triedBy, this.clock.now()],
    );
  }

  /** @throws TryLater while an effect of this kind is asked for, or may still come about at the provider */
  async refuseWhileHeld(
    tx: Tx,
    { kind, aggregateId }: Pick<EffectSpec<EffectReply>, 'kind' | 'aggregateId'>,
  ): Promise<void> {
    const row = await tx.one<Pick<EffectRow, 'state' | 'heldUntil'>>(
      `SELECT state, held_until AS "heldUntil" FROM effects
       WHERE aggregate_id = $1 AND kind = $2 AND state <> 'confirmed' AND held_until > $3 ORDER BY held_until DESC LIMIT 1`,
      [aggregateId, kind, this.clock.now()],
    );
    if (row !== undefined) throw this.held(row);
  }

  /** An answer may come at any moment; after a call that gave none only the end of the hold says something. */
  private held({ state, heldUntil }: Pick<EffectRow, 'state' | 'heldUntil'>): TryLater {
    const leftMs = Math.max(heldUntil.getTime() - this.clock.now().getTime(), 0);
    return new TryLater('effect.held', state === 'unknown' ? leftMs : answerWaitMs);
  }

  private readonly claim: (claim: Claim) => Promise<EffectRow> = fold(
    async (claims) => {
      // One statement cannot touch a key twice; repeats wait for the next batch by way of TryLater.
      const unique = [...new Map(claims.map((claim) => [claim.key, claim])).values()];
      const now = this.clock.now();
      const rows = await this.db.query<EffectRow>(systemContext, claimSql, [
        unique.map((claim) => claim.key),
        unique.map((claim) => claim.kind),
        unique.map((claim) => claim.requestHash),
        unique.map((claim) => claim.aggregateId),
        unique.map((claim) => claim.organizationId),
        new Date(now.getTime() + this.config.EFFECT_HOLD_MS),
        now,
      ]);
      const byKey = new Map(rows.map((row) => [row.key, row]));
      const first = new Set<string>();
      return claims.map((claim) => {
        const row = byKey.get(claim.key);
        if (row === undefined) throw new Error('an effect row vanished');
        if (!first.has(claim.key)) {
          first.add(claim.key);
          return row;
        }
        return { ...row, fresh: false, resumed: false };
      });
    },
    { mostItems: 100, mostBatches: 2 },
  );

  private readonly settle: (settlement: Settlement) => Promise<void> = fold(
    async (settlements) => {
      await this.db.query(systemContext, settleSql, [
        settlements.map((s) => s.key),
        settlements.map((s) => s.state),
        settlements.map((s) => (s.reply === null ? null : JSON.stringify(s.reply))),
        settlements.map((s) => s.providerId),
        settlements.map((s) => s.errorCode),
        settlements.map((s) => s.isOver),
        this.clock.now(),
      ]);
      return settlements.map(() => undefined);
    },
    { mostItems: 100, mostBatches: 2 },
  );
}

/** Whether the provider is not at work on it any more. What nobody vouches for may be. */
function isOver(error: unknown): boolean {
  if (error instanceof Unanswered) return error.isOver;
  return error instanceof Unrecoverable || error instanceof TryLater;
}

function idOf(reply: EffectReply): string | null {
  return typeof reply['id'] === 'string' ? reply['id'] : null;
}
