/**
 * Why a drug is filled again before the last fill is used up: NCPDP 420-DK vacation supply (3), lost prescription (4), therapy
 * change (5), medically necessary (7) and emergency (13).
 */
export const earlyFillReasons = ['vacation', 'lost', 'therapy-change', 'medically-necessary', 'emergency'] as const;
export type EarlyFillReason = (typeof earlyFillReasons)[number];
