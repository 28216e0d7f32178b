/** What a failure reads like in the language of the page. */
import { Problem } from '../api/http';
import type { Texts } from '../i18n/en';

export function explain(error: unknown, t: Texts): string {
  if (error instanceof Problem) {
    if (error.status === 0) return t.common.unreachable;
    return error.message === '' ? t.common.refused(error.status) : error.message;
  }
  return error instanceof Error ? error.message : String(error);
}
