/** What happened to a case, by whom and when; the service only ever adds to it. */
import type { HistoryLine } from '../api/types';
import { className } from '../classes';
import { useSpeech } from '../i18n';
import { clock } from '../ui/time';
import classes from './case.module.css';
import { useStateName } from './StateBadge';

export function History({ lines }: { lines: readonly HistoryLine[] }) {
  const { t, language } = useSpeech();
  const stateName = useStateName();
  const reasons: Readonly<Record<string, string>> = t.review.reasons;
  const told = (line: HistoryLine): string => {
    const parts: string[] = [];
    const label = line.detail?.label;
    const reason = line.detail?.reason;
    if (typeof label === 'string') parts.push(className(label, language));
    if (typeof reason === 'string') parts.push(reasons[reason] ?? reason);
    return parts.join(' · ');
  };
  return (
    <section className={classes.history} aria-labelledby="history-title">
      <h2 id="history-title">{t.case.history}</h2>
      <ol>
        {lines.map((line, index) => (
          <li key={`${line.at}-${index}`}>
            <strong>{t.case.actions[line.action] ?? line.action}</strong>
            {line.to_state === null || line.to_state === line.from_state ? null : (
              <span className={classes.step}>
                {line.from_state === null ? '' : `${stateName(line.from_state)} → `}
                {stateName(line.to_state)}
              </span>
            )}
            {told(line) === '' ? null : <span>{told(line)}</span>}
            <span className={`${classes.meta} numbers`}>
              <time dateTime={line.at}>{clock(line.at)}</time> · {line.actor}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
