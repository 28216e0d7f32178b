/** What people call the zones of a camera. */
import type { Rules } from '../api/cameras';
import type { Texts } from '../i18n/en';
import { shapeName } from '../rules/drafts';

/** The name of the zone of that id; the usual zone over the whole view is called so. */
export function zoneName(rules: Rules | undefined, id: string, t: Texts): string {
  const zone = rules?.zones.find((one) => one.id === id);
  return zone === undefined ? id : shapeName(zone, t.rules.wholeView);
}
