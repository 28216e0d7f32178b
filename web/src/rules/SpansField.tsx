/** The hours of one day: each span typed as two clock times, added and taken away. */
import { useState } from 'react';
import type { Span } from '../api/cameras';
import { useSpeech } from '../i18n';
import { CrossIcon, PlusIcon } from '../ui/icons';
import classes from './hours.module.css';
import { clockOf, isOvernight, isWholeDay, readClock, timeOf } from './hours';

function ClockField(props: { value: string; label: string; onChange: (time: string) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? clockOf(props.value);
  const keep = () => {
    const read = typed === null ? null : readClock(typed);
    if (read !== null && read !== clockOf(props.value)) props.onChange(timeOf(read));
    setTyped(null);
  };
  return (
    <input
      className={`${classes.clock} numbers`}
      type="text"
      inputMode="numeric"
      size={5}
      aria-label={props.label}
      aria-invalid={readClock(shown) === null}
      value={shown}
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        keep();
      }}
    />
  );
}

interface Props {
  spans: readonly Span[];
  /** What the hours are of, for those who do not see: a day or a date. */
  name: string;
  /** Said where there is no span. */
  none: string;
  onChange: (spans: Span[]) => void;
}

export function SpansField({ spans, name, none, onChange }: Props) {
  const { t } = useSpeech();
  const replace = (index: number, change: Partial<Span>) =>
    onChange(spans.map((span, place) => (place === index ? { ...span, ...change } : span)));
  const last = spans.at(-1);
  const next: Span =
    last === undefined
      ? { start: '08:00:00', end: '18:00:00' }
      : { start: last.end, end: last.end === '00:00:00' ? '06:00:00' : '00:00:00' };
  const full = last !== undefined && (isOvernight(last) || isWholeDay(last));
  return (
    <div className={classes.spans}>
      {spans.length === 0 ? <span className="missing">{none}</span> : null}
      {spans.map((span, index) => (
        <span key={index} className={classes.span}>
          <ClockField
            value={span.start}
            label={`${name}: ${t.hours.from}`}
            onChange={(start) => replace(index, { start })}
          />
          –
          <ClockField
            value={span.end}
            label={`${name}: ${t.hours.until}`}
            onChange={(end) => replace(index, { end })}
          />
          {isWholeDay(span) ? <em>{t.hours.texts.allDay}</em> : null}
          {isOvernight(span) ? <em>{t.hours.overnight}</em> : null}
          <button
            type="button"
            aria-label={`${name}: ${t.hours.remove}`}
            title={t.hours.remove}
            onClick={() => onChange(spans.filter((_, place) => place !== index))}
          >
            <CrossIcon size={13} />
          </button>
        </span>
      ))}
      {full ? null : (
        <button
          type="button"
          className={classes.plus}
          aria-label={`${name}: ${t.hours.add}`}
          title={t.hours.add}
          onClick={() => onChange([...spans, next])}
        >
          <PlusIcon size={15} />
        </button>
      )}
    </div>
  );
}
