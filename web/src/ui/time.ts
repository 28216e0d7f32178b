/** Times as people read them: local clock, age, time left and the colour of a deadline. */
import type { Texts } from '../i18n/en';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Date and clock in the browser's zone, to the minute: 2026-11-21 21:54. */
export function clock(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The clock to the second, for what happens now: 21:54:07. */
export function exactClock(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((value) => String(value).padStart(2, '0'))
    .join(':');
}

/** As clock, without the year when it is this one: 11-21 21:54. */
export function shortClock(iso: string, now: number): string {
  const full = clock(iso);
  return full.startsWith(`${new Date(now).getFullYear()}-`) ? full.slice(5) : full;
}

/** A length of time in its two largest units: 2 d 3 h, 1 h 5 min, 40 s. */
export function span(ms: number, texts: Texts['time']): string {
  const whole = Math.max(0, Math.floor(ms / 1000) * 1000);
  if (whole < MINUTE) return texts.seconds(whole / 1000);
  if (whole < HOUR) {
    const minutes = Math.floor(whole / MINUTE);
    const seconds = (whole % MINUTE) / 1000;
    return minutes < 10
      ? `${texts.minutes(minutes)} ${texts.seconds(seconds)}`
      : texts.minutes(minutes);
  }
  if (whole < DAY) {
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    return `${texts.hours(Math.floor(whole / HOUR))} ${texts.minutes(minutes)}`;
  }
  const hours = Math.floor((whole % DAY) / HOUR);
  return `${texts.days(Math.floor(whole / DAY))} ${texts.hours(hours)}`;
}

/** A length of time in its largest unit, for what is only glanced at: 3 h, 12 min, 40 s. */
export function roughly(ms: number, texts: Texts['time']): string {
  const whole = Math.max(0, ms);
  if (whole < MINUTE) return texts.seconds(Math.floor(whole / 1000));
  if (whole < HOUR) return texts.minutes(Math.floor(whole / MINUTE));
  if (whole < DAY) return texts.hours(Math.floor(whole / HOUR));
  return texts.days(Math.floor(whole / DAY));
}

/** How long ago, in the words of the locale: 3 minutes ago. */
export function age(iso: string, now: number, locale: string, justNow: string): string {
  const passed = now - new Date(iso).getTime();
  if (Math.abs(passed) < MINUTE) return justNow;
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: 'short' });
  if (Math.abs(passed) < HOUR) return words.format(-Math.round(passed / MINUTE), 'minute');
  if (Math.abs(passed) < DAY) return words.format(-Math.round(passed / HOUR), 'hour');
  return words.format(-Math.round(passed / DAY), 'day');
}

/** overdue: red; soon: less than an hour, orange; late: less than a quarter left, yellow; ok: green. */
export type Tone = 'overdue' | 'soon' | 'late' | 'ok' | 'ended';

const ENDED = new Set(['CLOSED', 'VOID', 'REJECTED', 'MERGED']);

export interface Deadline {
  tone: Tone;
  /** Time left in ms; negative when overdue. */
  left: number;
}

/** How a case stands with its 终止时间 (due); the whole term runs from its 派发时间 (dispatched). */
export function deadline(dispatched: string, due: string, state: string, now: number): Deadline {
  const end = new Date(due).getTime();
  const left = end - now;
  if (ENDED.has(state)) return { tone: 'ended', left };
  if (left < 0) return { tone: 'overdue', left };
  if (left < HOUR) return { tone: 'soon', left };
  const term = end - new Date(dispatched).getTime();
  return { tone: left < term / 4 ? 'late' : 'ok', left };
}

/** Degrees with five decimals (about a metre), latitude first. */
export function coordinates(lat: number, lon: number): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}

/** Bytes in the largest fitting unit: 812 KB, 3.4 MB. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${Math.round(count / 1000)} KB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}
