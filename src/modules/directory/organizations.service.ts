import { Injectable } from '@nestjs/common';
import { MoreThan } from 'typeorm';
import { Clock } from '../../platform/clock/index.js';
import type { Tx } from '../../platform/db/index.js';
import { pageOf, type Page, type PageRequest } from '../../platform/http/index.js';
import { newId } from '../../platform/ids/index.js';
import { fail } from './directory.errors.js';
import { Organization, type DefaultPath } from './organization.entity.js';

export interface NewOrganization {
  name: string;
  brand?: string | undefined;
  defaultPath?: DefaultPath | undefined;
  autoEnrollment?: boolean | undefined;
  supportPhone?: string | undefined;
  timeZone?: string | undefined;
  scriptMailboxes?: string[] | undefined;
}

export type OrganizationChange = Partial<NewOrganization>;

const columns: Readonly<Record<keyof NewOrganization, string>> = {
  name: 'name',
  brand: 'brand',
  defaultPath: 'default_path',
  autoEnrollment: 'auto_enrollment',
  supportPhone: 'support_phone',
  timeZone: 'time_zone',
  scriptMailboxes: 'script_mailboxes',
};

@Injectable()
export class Organizations {
  constructor(private readonly clock: Clock) {}

  async create(tx: Tx, wanted: NewOrganization): Promise<Organization> {
    const id = newId();
    await tx.send(
      `INSERT INTO organizations (id, name, brand, default_path, auto_enrollment, support_phone, time_zone,
         script_mailboxes, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        id,
        wanted.name,
        wanted.brand ?? wanted.name,
        wanted.defaultPath ?? 'full',
        wanted.autoEnrollment ?? true,
        wanted.supportPhone ?? null,
        wanted.timeZone ?? 'America/New_York',
        wanted.scriptMailboxes ?? [],
        this.clock.now(),
      ],
    );
    return await this.get(tx, id);
  }

  /** What is absent stays. @throws organization.not-found */
  async change(tx: Tx, id: string, change: OrganizationChange): Promise<Organization> {
    const fields = (Object.keys(columns) as (keyof NewOrganization)[]).filter((field) => change[field] !== undefined);
    if (fields.length > 0) {
      const assignments = fields.map((field, index) => `${columns[field]} = $${index + 2}`).join(', ');
      const values = fields.map((field) => change[field] ?? null);
      await tx.send(`UPDATE organizations SET ${assignments} WHERE id = $1`, [id, ...values]);
    }
    return this.get(tx, id);
  }

  /** @throws organization.not-found */
  async get(tx: Tx, id: string): Promise<Organization> {
    const found = await tx.row(Organization, { id });
    if (found === undefined) throw fail('organization.not-found');
    return found;
  }

  /** In the order they were created. */
  async page(tx: Tx, { cursor, limit }: PageRequest): Promise<Page<Organization>> {
    const rows = await tx.manager.find(Organization, {
      where: cursor === undefined ? {} : { id: MoreThan(cursor) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    return pageOf(rows, limit);
  }

  /** All of them, in that order. */
  async list(tx: Tx): Promise<Organization[]> {
    return await tx.rows(Organization, {}, { order: { id: 'ASC' } });
  }
}
