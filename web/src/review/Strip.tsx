/** The leads that come next, small, so that the reviewer sees what is coming. */
import type { Lead } from '../api/types';
import { className, issueClass } from '../classes';
import { useSpeech } from '../i18n';
import { pictureUrl } from './prefetch';
import classes from './review.module.css';

const SHOWN = 9;

export function Strip({ queue }: { queue: readonly Lead[] }) {
  const { t, language } = useSpeech();
  return (
    <ol className={classes.strip} aria-label={t.review.next}>
      {queue.slice(1, 1 + SHOWN).map((lead) => {
        const name = className(lead.label, language);
        const url = pictureUrl(lead, 'closeup');
        return (
          <li
            key={lead.id}
            title={name}
            style={{ borderBottomColor: issueClass(lead.label).colour }}
          >
            {url === null ? null : <img src={url} alt={name} loading="lazy" decoding="async" />}
          </li>
        );
      })}
    </ol>
  );
}
