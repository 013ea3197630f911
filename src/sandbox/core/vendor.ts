export const vendors = ['stripe', 'twilio', 'shippo', 'smtp', 'lifefile', 'switch'] as const;
export type Vendor = (typeof vendors)[number];
