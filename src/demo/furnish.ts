import { ApiError, type ApiClient } from './client.js';
import { houseDoctor } from './orders.js';
import { couponBody, drugsBody, organizationBody, pharmacyBodies } from './reference-data.js';

export interface Furniture {
  /** Ids by name. */
  pharmacies: ReadonlyMap<string, string>;
  /** The doctor of the house. */
  providerId: string;
}

interface Named {
  id: string;
  name: string;
}

/** Organizations, pharmacies, drugs, a coupon and the doctor, through the API; what is there already stays. */
export async function furnish(admin: ApiClient): Promise<Furniture> {
  const { items: organizations } = await admin.get<{ items: Named[] }>('/api/organizations');
  if (!organizations.some(({ name }) => name === organizationBody.name)) {
    await admin.post('/api/organizations', organizationBody);
  }
  const pharmacies = new Map<string, string>();
  for (const body of pharmacyBodies) pharmacies.set(body.name, await pharmacyOf(admin, body));
  await admin.post('/api/drugs', drugsBody);
  await admin.post('/api/coupons', couponBody);
  const { npi, dea, spi, firstName, lastName, phone } = houseDoctor;
  const provider = await admin.post<Named>('/api/providers', { npi, dea, spi, firstName, lastName, phone });
  return { pharmacies, providerId: provider.id };
}

/** The NCPDP id makes a pharmacy, so a second try finds the first. */
async function pharmacyOf(admin: ApiClient, body: (typeof pharmacyBodies)[number]): Promise<string> {
  try {
    return (await admin.post<Named>('/api/pharmacies', body)).id;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'pharmacy.already-exists') throw error;
    const known = await admin.find<Named & { ncpdpId: string }>(
      '/api/pharmacies',
      (one) => one.ncpdpId === body.ncpdpId,
    );
    if (known === undefined) throw error;
    return known.id;
  }
}
