/** Numbers of rules as people type them: minutes, per cent, k of n; an empty field means as usual. */
import type { Persistence } from '../api/cameras';
import { USUAL } from './drafts';

export function readNumber(text: string, least: number, most: number): number | null | 'bad' {
  const plain = text
    .trim()
    .replace(/[%\uff05]$/, '')
    .replace(',', '.');
  if (plain === '') return null;
  const value = Number(plain);
  return Number.isFinite(value) && value >= least && value <= most ? value : 'bad';
}

/** 3/5, 3 of 5, 3-5. */
export function readHits(text: string): { hits: number; of: number } | null | 'bad' {
  if (text.trim() === '') return null;
  const found = /^\s*(\d{1,2})\D+(\d{1,2})\D*$/.exec(text);
  if (found === null) return 'bad';
  const [hits, of] = [Number(found[1]), Number(found[2])];
  return hits >= 1 && hits <= of && of <= 32 ? { hits, of } : 'bad';
}

/** Without trailing zeros: 2.5, 15, 0.25. */
export function plain(value: number): string {
  return String(Math.round(value * 10_000) / 10_000);
}

export const minutesOf = (seconds: number) => plain(seconds / 60);

/** A zone's own values for a class, from the usual ones; null when nothing differs from them. */
export function withPersistence(
  label: string,
  own: Persistence | undefined,
  change: Partial<Persistence>,
): Persistence | null {
  const usual = USUAL[label];
  if (usual === undefined) return own ?? null;
  const next = { ...usual, ...own, ...change };
  const same = (Object.keys(usual) as (keyof Persistence)[]).every(
    (field) => next[field] === usual[field],
  );
  return same ? null : next;
}

/** A record with one value set, or taken out. */
export function setIn<Value>(
  record: Readonly<Record<string, Value>>,
  name: string,
  value: Value | null,
): Record<string, Value> {
  const { [name]: _old, ...rest } = record;
  return value === null ? rest : { ...rest, [name]: value };
}
