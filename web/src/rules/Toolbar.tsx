/** Undo, redo and what drawing needs, for mouse and thumb. */
import { type Dispatch, useState } from 'react';
import { useSpeech } from '../i18n';
import { HelpIcon, RedoIcon, TrashIcon, UndoIcon } from '../ui/icons';
import { type Action, type Editor, selectedShape } from './editor';
import { RulesHelp } from './RulesHelp';
import classes from './rules.module.css';
import { FEWEST_CORNERS } from './shapes';

export function Toolbar({ editor, dispatch }: { editor: Editor; dispatch: Dispatch<Action> }) {
  const { t } = useSpeech();
  const [helping, setHelping] = useState(false);
  const { drawing, selection } = editor;
  const shape = selectedShape(editor);
  const corner = selection?.corner ?? null;
  return (
    <div
      className={classes.toolbar}
      role="toolbar"
      aria-label={t.rules.tools}
      data-drawing={drawing !== null}
    >
      {drawing === null ? (
        <>
          <button
            type="button"
            disabled={editor.past.length === 0}
            title={`${t.review.undo} (Ctrl+Z)`}
            onClick={() => dispatch({ kind: 'undo' })}
          >
            <UndoIcon />
            <span>{t.review.undo}</span>
          </button>
          <button
            type="button"
            disabled={editor.future.length === 0}
            title={`${t.rules.redo} (Ctrl+Shift+Z)`}
            onClick={() => dispatch({ kind: 'redo' })}
          >
            <RedoIcon />
            <span>{t.rules.redo}</span>
          </button>
          {corner === null ? null : (
            <button
              type="button"
              disabled={shape === null || shape.polygon.length <= FEWEST_CORNERS}
              onClick={() => dispatch({ kind: 'deleteCorner' })}
            >
              <TrashIcon />
              <span>{t.rules.deleteCorner}</span>
            </button>
          )}
        </>
      ) : (
        <>
          <p>{t.rules.drawing(t.rules.kind[drawing.kind], drawing.points.length)}</p>
          <button
            type="button"
            disabled={drawing.points.length === 0}
            onClick={() => dispatch({ kind: 'dropPoint' })}
          >
            <UndoIcon />
            <span>{t.rules.dropPoint}</span>
          </button>
          <button
            type="button"
            data-main="true"
            disabled={drawing.points.length < FEWEST_CORNERS}
            onClick={() => dispatch({ kind: 'finish' })}
          >
            {t.rules.finish}
          </button>
          <button type="button" onClick={() => dispatch({ kind: 'cancel' })}>
            {t.common.cancel}
          </button>
        </>
      )}
      <span className={classes.grow} />
      <button
        type="button"
        className={classes.aid}
        title={t.rules.help}
        onClick={() => setHelping(true)}
      >
        <HelpIcon />
        <span>{t.review.help}</span>
      </button>
      <RulesHelp opened={helping} onClose={() => setHelping(false)} />
    </div>
  );
}
