/** Reads what people type for latitude and longitude. */

/** Degrees within ±limit; null for an empty field; 'bad' for anything else. */
export function degrees(text: string, limit: number): number | null | 'bad' {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const value = Number(trimmed);
  return Number.isFinite(value) && Math.abs(value) <= limit ? value : 'bad';
}
