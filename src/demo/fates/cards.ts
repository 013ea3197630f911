import type { Card } from '../actors/patient.js';
import { plans } from '../reference-data.js';

/** The card of the sandbox's commercial plan. A number per person: the plan remembers fills and authorizations by it. */
export function commercialCard(externalId = ''): Card {
  // Padded in front: "P-1" and "P-10" are two people.
  const cardholderId = `W${externalId.replace(/\W/g, '').toUpperCase().padStart(8, '0')}`.slice(0, 20);
  return {
    bin: plans.commercial,
    pcn: 'DEMO',
    groupId: 'ACME',
    cardholderId,
    relationship: '1',
    payerName: 'Demo commercial',
  };
}
