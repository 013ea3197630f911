import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/index.js';
import { Keyring } from '../../platform/crypto/index.js';
import type { Tx } from '../../platform/db/index.js';
import { newId } from '../../platform/ids/index.js';
import { normalizedEmail, normalizedPhone, patientKeysOf } from '../directory/index.js';
import { groupContacts, type Grouping } from './customers.policy.js';
import {
  addContact,
  assignContacts,
  connectedContacts,
  contactsOf,
  dropCustomers,
  insertCustomer,
  knownCustomers,
  patientsLike,
  renameCustomer,
  setCustomer,
  setPatients,
  syncReviews,
  type ConnectedContact,
} from './customers.store.js';
import { mergedContact, peopleIn } from './customer-names.policy.js';
import { patientOf } from './customer-patient.policy.js';
import type { Contact } from './wire/parts.js';

export interface NotedContact {
  contactId: string;
  /** The customer it belongs to, and all whose contacts may have changed hands by it. */
  customerIds: string[];
}

export function contactPlace(contactId: string) {
  return { table: 'customer_contacts', column: 'contact_sealed', row: contactId };
}

/** Who orders at CarePortals. */
@Injectable()
export class Customers {
  constructor(
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  /** Keeps how somebody was named and tells anew who is who. @returns undefined when nobody is named */
  async noted(tx: Tx, organizationId: string, contact: Contact, saidAt: Date): Promise<NotedContact | undefined> {
    if (Object.keys(contact).length === 0) return undefined;
    const email = normalizedEmail(contact.email);
    const phone = contact.phone === undefined ? undefined : normalizedPhone(contact.phone);
    // The digests of patients: a customer and a patient of one address are found by each other.
    const keys = patientKeysOf(this.keyring, organizationId, {
      ...(email !== undefined && { email }),
      ...(phone !== undefined && { phone }),
    });
    const written = JSON.stringify(contact, Object.keys(contact).toSorted());
    const id = newId();
    const contactId = await addContact(tx, {
      id,
      organizationId,
      fingerprint: this.keyring.blindIndex('customer_contacts', `${organizationId}|${written}`),
      externalId: contact.externalId ?? null,
      emailIndex: keys.emailIndex,
      phoneIndex: keys.phoneIndex,
      contactSealed: this.keyring.seal(contactPlace(id), written),
      saidAt,
    });
    return { contactId, customerIds: await this.regroup(tx, organizationId, contactId) };
  }

  /** How somebody was named. */
  opened(contact: { id: string; sealed: Buffer }): Contact {
    return JSON.parse(this.keyring.openText(contactPlace(contact.id), contact.sealed)) as Contact;
  }

  /**
   * Looks again which patient each customer is: the patient may have come after the customer.
   * @returns customers whose contacts name several people
   */
  async matchPatients(tx: Tx, customerIds: readonly string[]): Promise<string[]> {
    const several: string[] = [];
    for (const customerId of customerIds) {
      if ((await this.refresh(tx, customerId)).several) several.push(customerId);
    }
    return several;
  }

  private async regroup(tx: Tx, organizationId: string, contactId: string): Promise<string[]> {
    const contacts = await connectedContacts(tx, contactId);
    const grouping = groupContacts(contacts.map((contact) => ({ ...contact, id: contact.fingerprint })));
    const customerOf = await this.customersFor(tx, organizationId, contacts, grouping);
    const held = contacts.map(({ fingerprint }) => customerOf.get(grouping.identityOf.get(fingerprint) ?? '') ?? '');
    await assignContacts(
      tx,
      contacts.map(({ id }) => id),
      held,
    );
    const customerIds = [...new Set(held)];
    const gone = contacts.flatMap(({ customerId }) =>
      customerId === null || customerIds.includes(customerId) ? [] : [customerId],
    );
    await dropCustomers(tx, [...new Set(gone)]);
    const doubts = grouping.doubts.map(({ identity, other, reason }) => ({
      customerId: customerOf.get(identity) ?? '',
      otherCustomerId: customerOf.get(other) ?? '',
      reason,
    }));
    const several = await this.matchPatients(tx, customerIds);
    const withinOne = several.map((customerId) => ({
      customerId,
      otherCustomerId: customerId,
      reason: 'several_names' as const,
    }));
    await syncReviews(tx, organizationId, customerIds, [...doubts, ...withinOne], this.clock.now());
    return customerIds;
  }

  /** Identity → customer. A customer that is told by something better from now on keeps its id. */
  private async customersFor(
    tx: Tx,
    organizationId: string,
    contacts: readonly ConnectedContact[],
    { identityOf }: Grouping,
  ): Promise<Map<string, string>> {
    const wanted = [...new Set(identityOf.values())].toSorted();
    const held = contacts.flatMap(({ customerId }) => (customerId === null ? [] : [customerId]));
    const known = await knownCustomers(tx, organizationId, wanted, held);
    const customerOf = new Map(known.map(({ identity, id }) => [identity, id]));
    const free = new Set(known.filter(({ identity }) => !wanted.includes(identity)).map(({ id }) => id));
    for (const identity of wanted.filter((one) => !customerOf.has(one))) {
      const former = contacts.find(
        ({ fingerprint, customerId }) =>
          identityOf.get(fingerprint) === identity && customerId !== null && free.has(customerId),
      )?.customerId;
      const id = former ?? newId();
      free.delete(id);
      if (former === undefined || former === null) {
        await insertCustomer(tx, { id, organizationId, identity, createdAt: this.clock.now() });
      } else await renameCustomer(tx, id, identity);
      customerOf.set(identity, id);
    }
    return customerOf;
  }

  /** One of several people is nobody's patient as a customer; each contact is the patient it names. */
  private async refresh(tx: Tx, customerId: string): Promise<{ several: boolean }> {
    const contacts = (await contactsOf(tx, customerId)).map((contact) => ({ ...contact, said: this.opened(contact) }));
    const { several, namesOf } = peopleIn(contacts);
    const candidates = await patientsLike(tx, customerId);
    const patients = contacts.map(({ id }) => {
      const names = namesOf.get(id);
      return (names && patientOf(names, candidates)) ?? null;
    });
    await setPatients(
      tx,
      contacts.map(({ id }) => id),
      patients,
    );
    const { firstName = null, lastName = null, phone } = mergedContact(contacts.map(({ said }) => said));
    const phoneUnreachable = phone !== undefined && normalizedPhone(phone) === undefined;
    const patientId = several ? null : (patients[0] ?? null);
    await setCustomer(tx, { id: customerId, firstName, lastName, phoneUnreachable, patientId });
    return { several };
  }
}
