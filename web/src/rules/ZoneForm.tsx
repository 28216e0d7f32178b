/** What a zone watches for: classes, size, confidence, how long, and what becomes of a finding. */
import { TextInput } from '@mantine/core';
import type { Dispatch } from 'react';
import type { Zone } from '../api/cameras';
import { className, ISSUE_CLASSES, issueClass } from '../classes';
import { useSpeech } from '../i18n';
import { UNKNOWN_OBJECT, USUAL } from './drafts';
import type { Action } from './editor';
import { LabelsField } from './LabelsField';
import { minutesOf, plain, readHits, readNumber, setIn, withPersistence } from './numbers';
import classes from './form.module.css';
import { TypedField } from './TypedField';

const LONGEST_DWELL = 7 * 24 * 60;

interface Props {
  zone: Zone;
  dispatch: Dispatch<Action>;
}

function ClassRow({ zone, label, dispatch }: Props & { label: string }) {
  const { t, language } = useSpeech();
  const name = className(label, language);
  const usual = USUAL[label];
  const own = zone.persistence[label];
  const sure = zone.min_confidence[label];
  if (usual === undefined) return null;
  const persist = (change: Parameters<typeof withPersistence>[2]) =>
    dispatch({
      kind: 'change',
      change: {
        persistence: setIn(zone.persistence, label, withPersistence(label, own, change)),
      },
    });
  return (
    <tr>
      <th scope="row">
        <i style={{ background: issueClass(label).colour }} />
        {name}
      </th>
      <td>
        {label === UNKNOWN_OBJECT ? (
          '—'
        ) : (
          <TypedField
            label={`${name}: ${t.rules.confidence}`}
            value={sure === undefined ? '' : plain(sure * 100)}
            placeholder={t.rules.usual}
            read={(text) => readNumber(text, 1, 100)}
            onRead={(value) =>
              dispatch({
                kind: 'change',
                change: {
                  min_confidence: setIn(
                    zone.min_confidence,
                    label,
                    value === null ? null : value / 100,
                  ),
                },
              })
            }
          />
        )}
      </td>
      <td>
        <TypedField
          label={`${name}: ${t.rules.dwell}`}
          value={own === undefined ? '' : minutesOf(own.dwell_s)}
          placeholder={minutesOf(usual.dwell_s)}
          read={(text) => readNumber(text, 0, LONGEST_DWELL)}
          onRead={(value) =>
            persist({ dwell_s: value === null ? usual.dwell_s : Math.round(value * 60) })
          }
        />
      </td>
      <td>
        <TypedField
          label={`${name}: ${t.rules.hits}`}
          value={own === undefined ? '' : `${own.hits}/${own.of}`}
          placeholder={`${usual.hits}/${usual.of}`}
          read={readHits}
          onRead={(value) => persist(value ?? { hits: usual.hits, of: usual.of })}
        />
      </td>
    </tr>
  );
}

export function ZoneForm({ zone, dispatch }: Props) {
  const { t } = useSpeech();
  const change = (what: Partial<Zone>, merge?: string) =>
    dispatch({ kind: 'change', change: what, ...(merge === undefined ? {} : { merge }) });
  const watched = ISSUE_CLASSES.map((one) => one.label).filter(
    (label) => zone.labels.length === 0 || zone.labels.includes(label),
  );
  const rows = zone.unknown_objects ? [...watched, UNKNOWN_OBJECT] : watched;
  return (
    <div className={classes.form}>
      <TextInput
        label={t.rules.name}
        placeholder={t.rules.namePlaceholder}
        maxLength={64}
        value={zone.name}
        onChange={(event) => change({ name: event.currentTarget.value }, 'name')}
        onBlur={() => dispatch({ kind: 'settle' })}
      />
      <LabelsField labels={zone.labels} onChange={(labels) => change({ labels })} />
      <fieldset className={classes.choice}>
        <legend>{t.rules.mode}</legend>
        {(['review', 'auto'] as const).map((mode) => (
          <label key={mode}>
            <input
              type="radio"
              name={`mode-${zone.id}`}
              checked={zone.mode === mode}
              onChange={() => change({ mode })}
            />
            <span>
              {t.rules.modes[mode]}
              <small>{t.rules.modeHints[mode]}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <label className={classes.check}>
        <input
          type="checkbox"
          checked={zone.unknown_objects}
          onChange={(event) => change({ unknown_objects: event.currentTarget.checked })}
        />
        <span>
          {t.rules.unknown}
          <small>{t.rules.unknownHint}</small>
        </span>
      </label>
      <div className={classes.inline}>
        <span>{t.rules.minSize}</span>
        <TypedField
          label={t.rules.minSize}
          value={zone.min_size === 0 ? '' : plain(zone.min_size * 100)}
          placeholder="0"
          read={(text) => readNumber(text, 0, 99)}
          onRead={(value) => change({ min_size: (value ?? 0) / 100 })}
        />
        <span>{t.rules.ofView}</span>
      </div>
      <table className={classes.values}>
        <thead>
          <tr>
            <th scope="col">{t.rules.class}</th>
            <th scope="col">{t.rules.confidence}</th>
            <th scope="col">{t.rules.dwell}</th>
            <th scope="col">{t.rules.hits}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((label) => (
            <ClassRow key={label} zone={zone} label={label} dispatch={dispatch} />
          ))}
        </tbody>
      </table>
      <p className={classes.hint}>{t.rules.valuesHint}</p>
    </div>
  );
}
