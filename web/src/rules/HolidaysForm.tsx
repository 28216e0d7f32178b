/** The holidays of a camera's rules: typed or pasted as dates, each with a way to take it out. */
import { Button } from '@mantine/core';
import { type Dispatch, useState } from 'react';
import { useSpeech } from '../i18n';
import { CrossIcon } from '../ui/icons';
import type { Action } from './editor';
import { readDates } from './hours';
import classes from './form.module.css';

interface Props {
  holidays: readonly string[];
  dispatch: Dispatch<Action>;
}

export function HolidaysForm({ holidays, dispatch }: Props) {
  const { t } = useSpeech();
  const [typed, setTyped] = useState('');
  const found = readDates(typed);
  const keep = (dates: readonly string[]) =>
    dispatch({ kind: 'changeRules', change: { holidays: [...new Set(dates)].sort() } });
  return (
    <div className={classes.form}>
      <p className={classes.hint}>{t.rules.holidaysHint}</p>
      <ul className={classes.days}>
        {[...holidays].sort().map((date) => (
          <li key={date} className="numbers">
            {date}
            <button
              type="button"
              aria-label={t.rules.removeDate(date)}
              onClick={() => keep(holidays.filter((one) => one !== date))}
            >
              <CrossIcon size={12} />
            </button>
          </li>
        ))}
      </ul>
      <textarea
        className={classes.paste}
        rows={2}
        aria-label={t.rules.addHolidays}
        placeholder={t.rules.holidaysPlaceholder}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button
        variant="default"
        size="compact-sm"
        disabled={found.length === 0}
        onClick={() => {
          keep([...holidays, ...found]);
          setTyped('');
        }}
      >
        {found.length === 0 ? t.rules.addHolidays : t.rules.addSoMany(found.length)}
      </Button>
    </div>
  );
}
