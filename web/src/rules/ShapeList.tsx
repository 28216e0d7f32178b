/** All zones, permits and masks; the selected one opens to be changed. */
import type { Dispatch } from 'react';
import { TextInput } from '@mantine/core';
import { useShapeWords } from '../cameras/RulesSummary';
import { useSpeech } from '../i18n';
import { PlusIcon, TrashIcon, WarnIcon } from '../ui/icons';
import { SHAPE_KINDS, type Shape, type ShapeKind, shapeName, wrongs } from './drafts';
import type { Action, Editor } from './editor';
import { HolidaysForm } from './HolidaysForm';
import { LabelsField } from './LabelsField';
import { PermitForm } from './PermitForm';
import classes from './rules.module.css';
import forms from './form.module.css';
import { ZoneForm } from './ZoneForm';

interface Props {
  editor: Editor;
  dispatch: Dispatch<Action>;
}

function Form({
  kind,
  shape,
  dispatch,
}: { kind: ShapeKind; shape: Shape } & Pick<Props, 'dispatch'>) {
  const { t } = useSpeech();
  return (
    <>
      {kind === 'zones' && 'mode' in shape ? <ZoneForm zone={shape} dispatch={dispatch} /> : null}
      {kind === 'permits' && 'weekly' in shape ? (
        <PermitForm permit={shape} dispatch={dispatch} />
      ) : null}
      {kind === 'masks' ? (
        <div className={forms.form}>
          <p className={forms.hint}>{t.rules.maskHint}</p>
          <LabelsField
            labels={shape.labels}
            onChange={(labels) => dispatch({ kind: 'change', change: { labels } })}
          />
        </div>
      ) : null}
      <div className={forms.foot}>
        <TextInput
          label={t.rules.id}
          size="xs"
          maxLength={64}
          value={shape.id}
          onChange={(event) =>
            dispatch({ kind: 'change', change: { id: event.currentTarget.value }, merge: 'id' })
          }
          onBlur={() => dispatch({ kind: 'settle' })}
        />
        <button type="button" onClick={() => dispatch({ kind: 'deleteShape' })}>
          <TrashIcon size={15} />
          {t.rules.remove[kind]}
        </button>
      </div>
    </>
  );
}

export function ShapeList({ editor, dispatch }: Props) {
  const { t } = useSpeech();
  const words = useShapeWords();
  const { rules, selection } = editor;
  const wrong = wrongs(rules);
  return (
    <div className={classes.lists}>
      {SHAPE_KINDS.map((kind) => (
        <section key={kind} className={classes.kind}>
          <header>
            <i data-kind={kind} aria-hidden="true" />
            <h2>{t.rules.kinds[kind]}</h2>
            <button type="button" onClick={() => dispatch({ kind: 'draw', shape: kind })}>
              <PlusIcon size={14} />
              {t.rules.draw[kind]}
            </button>
          </header>
          {rules[kind].length === 0 ? <p className={classes.none}>{t.rules.noneOf[kind]}</p> : null}
          <ul>
            {rules[kind].map((shape, index) => {
              const held = selection?.kind === kind && selection.index === index;
              const faults = wrong.filter((one) => one.kind === kind && one.index === index);
              return (
                <li key={index} data-held={held}>
                  <button
                    type="button"
                    className={classes.item}
                    aria-expanded={held}
                    onClick={() =>
                      dispatch({
                        kind: 'select',
                        selection: held ? null : { kind, index, corner: null },
                      })
                    }
                  >
                    <strong>{shapeName(shape, t.rules.wholeView)}</strong>
                    <span>{words(kind, shape)}</span>
                  </button>
                  {faults.map(({ fault }) => (
                    <p key={fault} className={classes.fault} role="alert">
                      <WarnIcon size={15} />
                      {t.rules.faults[fault]}
                    </p>
                  ))}
                  {held ? <Form kind={kind} shape={shape} dispatch={dispatch} /> : null}
                </li>
              );
            })}
          </ul>
        </section>
      ))}
      <details className={classes.kind}>
        <summary>
          {t.rules.holidays} <span className="numbers">{rules.holidays.length}</span>
        </summary>
        <HolidaysForm holidays={rules.holidays} dispatch={dispatch} />
      </details>
      <p className={classes.hint}>{t.rules.timezone(rules.timezone)}</p>
    </div>
  );
}
