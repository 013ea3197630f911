import { isCalendarDate, lawfulLastFill, type DeaSchedule } from '../../prescriptions/order/index.js';
import { finding, type Finding } from '../findings.js';
import { isBlank, type Rule, type Subject } from '../subject.js';
import { counts, isSameDrug } from './history.rules.js';

const WRITTEN = '/writtenDate';
const EARLIEST = '/medication/earliestFillDate';
const LATEST = '/medication/latestFillDate';
const REFILLS = '/medication/refills';
/** NCPDP D.0 415-DF: two digits. */
const MOST_REFILLS = 99;
/** 21 CFR 1306.12(b)(1). */
const SERIES_DAYS = 90;

interface ScheduleLimits {
  mostRefills: number;
  refillCode: 'refills.schedule-two' | 'refills.more-than-five' | 'refills.out-of-range';
  source: string;
}

/** Schedule V is refilled as authorised federally (21 CFR 1306.22 names III and IV); treated like them by default. */
const limits: Readonly<Record<DeaSchedule | 'none', ScheduleLimits>> = {
  II: { mostRefills: 0, refillCode: 'refills.schedule-two', source: '21 CFR 1306.12' },
  III: { mostRefills: 5, refillCode: 'refills.more-than-five', source: '21 CFR 1306.22' },
  IV: { mostRefills: 5, refillCode: 'refills.more-than-five', source: '21 CFR 1306.22' },
  V: { mostRefills: 5, refillCode: 'refills.more-than-five', source: '21 CFR 1306.22' },
  none: { mostRefills: MOST_REFILLS, refillCode: 'refills.out-of-range', source: 'state law: one year' },
};

export const dateRules: Readonly<Record<string, Rule>> = {
  /** 21 CFR 1306.05(a): dated as of the day signed; 1306.22(a) six months, states one year. */
  writtenDate: (subject) => {
    const { order, context } = subject;
    const { writtenDate } = order;
    if (isBlank(writtenDate)) return [finding('written-date.missing', WRITTEN)];
    if (!isCalendarDate(writtenDate)) return [finding('written-date.unreadable', WRITTEN)];
    if (writtenDate > context.latestToday) return [finding('written-date.future', WRITTEN)];
    if (context.today <= lastFillFor(writtenDate, subject)) return [];
    return [finding('written-date.too-old', WRITTEN, { source: limitsOf(subject).source })];
  },

  /** 21 CFR 1306.12(a): no refills of schedule II; 1306.22(a): at most five of III and IV. */
  refills: (subject) => {
    const { refills } = subject.order.medication;
    if (refills === undefined) return [finding('refills.missing', REFILLS)];
    if (!Number.isInteger(refills) || refills < 0 || refills > MOST_REFILLS) {
      return [finding('refills.out-of-range', REFILLS)];
    }
    const { mostRefills, refillCode, source } = limitsOf(subject);
    return refills > mostRefills ? [finding(refillCode, REFILLS, { source })] : [];
  },

  /** 21 CFR 1306.12(b)(1)(ii): each of several schedule II prescriptions says before which day it is not filled. */
  earliestFill: (subject) => {
    const { order, context } = subject;
    const { earliestFillDate } = order.medication;
    if (isBlank(earliestFillDate)) return [];
    if (!isCalendarDate(earliestFillDate)) return [finding('earliest-fill.unreadable', EARLIEST)];
    return [
      ...(earliestFillDate > context.today
        ? [finding('earliest-fill.ahead', EARLIEST, { source: '21 CFR 1306.12(b)' })]
        : []),
      ...earliestAgainstWritten(subject, earliestFillDate),
    ];
  },

  /** A prescriber may limit a prescription more than the law does (FHIR validityPeriod, SCRIPT ExpirationDate). */
  latestFill: ({ order: { medication }, context: { today } }) => {
    const { earliestFillDate, latestFillDate } = medication;
    if (isBlank(latestFillDate)) return [];
    if (!isCalendarDate(latestFillDate)) return [finding('latest-fill.unreadable', LATEST)];
    if (latestFillDate < today) return [finding('latest-fill.passed', LATEST)];
    const neverFilled =
      !isBlank(earliestFillDate) && isCalendarDate(earliestFillDate) && earliestFillDate > latestFillDate;
    return neverFilled ? [finding('earliest-fill.after-expiry', EARLIEST)] : [];
  },

  /** 21 CFR 1306.12(b)(1): several schedule II prescriptions of one day supply up to 90 days in total. */
  scheduleTwoSeries: (subject) => {
    const { order, context, schedule } = subject;
    const { daysSupply, earliestFillDate } = order.medication;
    const { writtenDate } = order;
    if (schedule !== 'II' || daysSupply === undefined || isBlank(writtenDate)) return [];
    const series = context.priorPrescriptions.filter(
      (prior) => prior.writtenDate === writtenDate && counts(prior) && isSameDrug(subject, prior),
    );
    const partOfSeries = series.length > 0 || !isBlank(earliestFillDate);
    const total = series.reduce((sum, prior) => sum + prior.daysSupply, daysSupply);
    if (!partOfSeries || total <= SERIES_DAYS) return [];
    return [finding('schedule-two.over-90-days', '/medication/daysSupply', { source: '21 CFR 1306.12(b)' })];
  },
};

function lastFillFor(writtenDate: string, { schedule, context: { settings } }: Subject): string {
  return lawfulLastFill(writtenDate, schedule, settings.schedule2MaxAgeDays);
}

function limitsOf({ schedule }: Subject): ScheduleLimits {
  return limits[schedule ?? 'none'];
}

function earliestAgainstWritten(subject: Subject, earliest: string): Finding[] {
  const { writtenDate } = subject.order;
  if (isBlank(writtenDate) || !isCalendarDate(writtenDate)) return [];
  if (earliest < writtenDate) return [finding('earliest-fill.before-written', EARLIEST)];
  const { source } = limitsOf(subject);
  return earliest > lastFillFor(writtenDate, subject)
    ? [finding('earliest-fill.after-expiry', EARLIEST, { source })]
    : [];
}
