import type { PrescriptionOrder } from '../../modules/prescriptions/order/index.js';
import type { Expected } from '../expected.js';
import type { Orders } from '../orders.js';
import type { Story } from '../story.js';

/** What is meant to become of one prescription, and how the people around it act. */
export interface Fate {
  name: string;
  order: (orders: Orders) => PrescriptionOrder;
  live: (story: Story) => Promise<void>;
  expected: Expected;
  /** Parcels must stand still meanwhile: a scan would take the decision away. */
  beforeTimeRuns?: true;
}
