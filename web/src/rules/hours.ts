/** Weekly hours as people read and type them; permits and the plans of cameras share them. */
import type { Span, Weekly } from '../api/cameras';

export const DAYS = [0, 1, 2, 3, 4, 5, 6] as const;

const DAY_MINUTES = 24 * 60;

/** HH:MM of what was typed (8, 830, 8:30, 08：30, 24:00), or null. */
export function readClock(text: string): string | null {
  const plain = text
    .trim()
    .replace(/[\uff10-\uff19]/g, (digit) => String(digit.charCodeAt(0) - 0xff10))
    .replace(/[\uff1a.\u70b9\u65f6h]/, ':')
    .replace(/[\u5206]$/, '')
    .replace(/:$/, '');
  const found = /^(\d{1,2}):(\d{1,2})(?::\d{2})?$/.exec(plain) ?? /^(\d{1,2})(\d{2})?$/.exec(plain);
  if (found === null) return null;
  const hour = Number(found[1]);
  const minute = Number(found[2] ?? 0);
  if (hour === 24 && minute === 0) return '00:00';
  if (hour > 23 || minute > 59) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** HH:MM of the service's HH:MM:SS. */
export function clockOf(time: string): string {
  return time.slice(0, 5);
}

export function timeOf(clock: string): string {
  return `${clock}:00`;
}

function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

export function isWholeDay(span: Span): boolean {
  return minutes(span.start) === 0 && minutes(span.end) === 0;
}

/** Ends on the next day. */
export function isOvernight(span: Span): boolean {
  return minutes(span.end) <= minutes(span.start) && minutes(span.end) > 0;
}

const byStart = (a: Span, b: Span) => minutes(a.start) - minutes(b.start);

const keyOf = (spans: readonly Span[]) =>
  spans.map((span) => `${clockOf(span.start)}-${clockOf(span.end)}`).join();

/** The spans that begin on each day, Monday first, in order and none twice. */
export function toDays(weekly: readonly Weekly[]): Span[][] {
  return DAYS.map((day) => {
    const spans = weekly.filter((one) => one.days.includes(day)).flatMap((one) => one.spans);
    return [...new Map(spans.map((span) => [keyOf([span]), span])).values()].sort(byStart);
  });
}

/** The shortest list that says the same: days with equal hours stand together, empty ones nowhere. */
export function fromDays(days: readonly (readonly Span[])[]): Weekly[] {
  const groups = new Map<string, Weekly>();
  days.forEach((spans, day) => {
    if (spans.length === 0) return;
    const sorted = [...spans].sort(byStart);
    const group = groups.get(keyOf(sorted));
    if (group === undefined) groups.set(keyOf(sorted), { days: [day], spans: sorted });
    else group.days.push(day);
  });
  return [...groups.values()];
}

export interface Bar {
  /** Shares of the day. */
  from: number;
  to: number;
  /** The end of a span that began the day before. */
  tail: boolean;
}

/** What a day's line shows: its own spans, and the rest of the night before. */
export function bars(days: readonly (readonly Span[])[], day: number): Bar[] {
  const own = (days[day] ?? []).map((span) => {
    const to = minutes(span.end) <= minutes(span.start) ? DAY_MINUTES : minutes(span.end);
    return { from: minutes(span.start) / DAY_MINUTES, to: to / DAY_MINUTES, tail: false };
  });
  const before = (days[(day + 6) % 7] ?? [])
    .filter(isOvernight)
    .map((span) => ({ from: 0, to: minutes(span.end) / DAY_MINUTES, tail: true }));
  return [...before, ...own];
}

export interface HourTexts {
  days: readonly string[];
  everyDay: string;
  allDay: string;
  /** Joins the first and the last of days in a row. */
  to: string;
  nextDay: string;
  closed: string;
}

function nameDays(days: readonly number[], texts: HourTexts): string {
  if (days.length === 7) return texts.everyDay;
  const runs: number[][] = [];
  for (const day of [...days].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last.at(-1) === day - 1) last.push(day);
    else runs.push([day]);
  }
  const name = (day: number | undefined) => texts.days[day ?? 0] ?? '';
  return runs
    .map((run) =>
      run.length > 2
        ? `${name(run[0])}${texts.to}${name(run.at(-1))}`
        : run.map((day) => name(day)).join(', '),
    )
    .join(', ');
}

export function nameSpan(span: Span, texts: HourTexts): string {
  if (isWholeDay(span)) return texts.allDay;
  const night = isOvernight(span) ? texts.nextDay : '';
  return `${clockOf(span.start)}–${night}${clockOf(span.end)}`;
}

/** One line per group of days with the same hours. */
export function nameWeekly(weekly: readonly Weekly[], texts: HourTexts): string[] {
  return fromDays(toDays(weekly)).map(
    (one) =>
      `${nameDays(one.days, texts)} ${one.spans.map((span) => nameSpan(span, texts)).join(', ')}`,
  );
}

/** Dates (YYYY-MM-DD) in a pasted text, each once, in order; 2026/5/1 and 2026年5月1日 are read too. */
export function readDates(text: string): string[] {
  const found = text.matchAll(/(\d{4})\s*[-/.\u5e74]\s*(\d{1,2})\s*[-/.\u6708]\s*(\d{1,2})/g);
  const dates = [...found].flatMap(([, year, month, day]) => {
    const iso = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    const parsed = new Date(`${iso}T00:00:00Z`);
    const real = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(iso);
    return real ? [iso] : [];
  });
  return [...new Set(dates)].sort();
}
