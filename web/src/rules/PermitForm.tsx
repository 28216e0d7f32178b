/** What is allowed where and when: classes, weekly hours, dates with hours of their own, validity. */
import { TextInput } from '@mantine/core';
import type { Dispatch } from 'react';
import type { Permit, Span } from '../api/cameras';
import { useSpeech } from '../i18n';
import { CrossIcon, PlusIcon } from '../ui/icons';
import type { Action } from './editor';
import hours from './hours.module.css';
import { LabelsField } from './LabelsField';
import { setIn } from './numbers';
import classes from './form.module.css';
import { SpansField } from './SpansField';
import { WeeklyEditor } from './WeeklyEditor';

interface Props {
  permit: Permit;
  dispatch: Dispatch<Action>;
}

const ISO = /^\d{4}-\d{2}-\d{2}$/;

/** The first day from tomorrow on that has no hours of its own yet. */
function nextDate(taken: Readonly<Record<string, unknown>>): string {
  const day = new Date();
  do {
    day.setDate(day.getDate() + 1);
  } while (isoDay(day) in taken);
  return isoDay(day);
}

function isoDay(day: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

type OnHolidays = 'usual' | 'closed' | 'own';

function Holidays({ permit, dispatch }: Props) {
  const { t } = useSpeech();
  const own = permit.on_holidays;
  const chosen: OnHolidays = own === null ? 'usual' : own.length === 0 ? 'closed' : 'own';
  const hoursOf: Readonly<Record<OnHolidays, Span[] | null>> = {
    usual: null,
    closed: [],
    own: [{ start: '08:00:00', end: '22:00:00' }],
  };
  const change = (on_holidays: Span[] | null) =>
    dispatch({ kind: 'change', change: { on_holidays } });
  return (
    <fieldset className={classes.choice}>
      <legend>{t.rules.onHolidays}</legend>
      {(['usual', 'closed', 'own'] as const).map((one) => (
        <label key={one}>
          <input
            type="radio"
            name={`holidays-${permit.id}`}
            checked={chosen === one}
            onChange={() => change(hoursOf[one])}
          />
          <span>{t.rules.holidayHours[one]}</span>
        </label>
      ))}
      {own !== null && own.length > 0 ? (
        <SpansField
          spans={own}
          name={t.rules.onHolidays}
          none={t.hours.texts.closed}
          onChange={change}
        />
      ) : null}
    </fieldset>
  );
}

function Dates({ permit, dispatch }: Props) {
  const { t } = useSpeech();
  const change = (dates: Record<string, Span[]>) => dispatch({ kind: 'change', change: { dates } });
  const { dates } = permit;
  const move = (from: string, to: string) => {
    if (!ISO.test(to) || to in dates) return;
    change({ ...setIn<Span[]>(dates, from, null), [to]: dates[from] ?? [] });
  };
  return (
    <fieldset className={classes.group}>
      <legend>{t.rules.dates}</legend>
      <p className={classes.hint}>{t.rules.datesHint}</p>
      <div className={hours.dates}>
        {Object.keys(dates)
          .sort()
          .map((date) => (
            <div key={date} className={hours.date}>
              <input
                className={classes.dateField}
                type="date"
                aria-label={t.rules.date}
                value={date}
                onChange={(event) => move(date, event.currentTarget.value)}
              />
              <SpansField
                spans={dates[date] ?? []}
                name={date}
                none={t.hours.texts.closed}
                onChange={(spans) => change(setIn(dates, date, spans))}
              />
              <button
                type="button"
                className={classes.drop}
                aria-label={t.rules.removeDate(date)}
                title={t.rules.removeDate(date)}
                onClick={() => change(setIn<Span[]>(dates, date, null))}
              >
                <CrossIcon size={14} />
              </button>
            </div>
          ))}
        <button type="button" onClick={() => change({ ...dates, [nextDate(dates)]: [] })}>
          <PlusIcon size={13} /> {t.rules.addDate}
        </button>
      </div>
    </fieldset>
  );
}

export function PermitForm({ permit, dispatch }: Props) {
  const { t } = useSpeech();
  const change = (what: Partial<Permit>, merge?: string) =>
    dispatch({ kind: 'change', change: what, ...(merge === undefined ? {} : { merge }) });
  return (
    <div className={classes.form}>
      <TextInput
        label={t.rules.name}
        placeholder={t.rules.permitPlaceholder}
        maxLength={64}
        value={permit.name}
        onChange={(event) => change({ name: event.currentTarget.value }, 'name')}
        onBlur={() => dispatch({ kind: 'settle' })}
      />
      <LabelsField labels={permit.labels} onChange={(labels) => change({ labels })} />
      <fieldset className={classes.group}>
        <legend>{t.hours.title}</legend>
        <WeeklyEditor
          weekly={permit.weekly}
          empty="never"
          onChange={(weekly) => change({ weekly })}
        />
      </fieldset>
      <Dates permit={permit} dispatch={dispatch} />
      <Holidays permit={permit} dispatch={dispatch} />
      <div className={classes.inline}>
        <span>{t.rules.valid}</span>
        <input
          className={classes.dateField}
          type="date"
          aria-label={t.rules.validFrom}
          value={permit.valid_from ?? ''}
          onChange={(event) => change({ valid_from: event.currentTarget.value || null })}
        />
        <span>–</span>
        <input
          className={classes.dateField}
          type="date"
          aria-label={t.rules.validUntil}
          value={permit.valid_until ?? ''}
          onChange={(event) => change({ valid_until: event.currentTarget.value || null })}
        />
      </div>
    </div>
  );
}
