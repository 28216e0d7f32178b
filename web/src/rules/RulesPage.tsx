/** The rules of a camera, drawn and changed on its view, tried on the past days, then saved. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useReducer, useState } from 'react';
import { Link, useParams } from 'react-router';
import { useRight } from '../account/session';
import { readCamera, saveRules } from '../api/cameraCalls';
import type { CameraDetail, Rules } from '../api/cameras';
import { Problem } from '../api/http';
import { CameraMissing, useCamera } from '../cameras/CameraPage';
import { Boxes, sightingBoxes, View } from '../cameras/View';
import { useSpeech } from '../i18n';
import { BackIcon } from '../ui/icons';
import { useTell } from '../ui/notices';
import { Waiting } from '../ui/Waiting';
import { explain } from '../ui/words';
import { Canvas } from './Canvas';
import { Conflict } from './Conflict';
import { wrongs } from './drafts';
import { type Action, begin, isDirty, reduce } from './editor';
import { Guard } from './Guard';
import type { Line } from './replay';
import { ReplayPanel } from './ReplayPanel';
import classes from './rules.module.css';
import { ShapeList } from './ShapeList';
import { Toolbar } from './Toolbar';

/** Room around the picture, so that corners at its edge can be held. */
const MARGIN = 22;

const TONES = { same: 'strong', added: 'strong', removed: 'gone' } as const;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** Ctrl+Z and its companions, except where someone types. */
function useUndoKeys(dispatch: (action: Action) => void): void {
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || typing(event.target)) return;
      const key = event.key.toLowerCase();
      if (key !== 'z' && key !== 'y') return;
      event.preventDefault();
      dispatch({ kind: key === 'y' || event.shiftKey ? 'redo' : 'undo' });
    };
    window.addEventListener('keydown', down);
    return () => window.removeEventListener('keydown', down);
  }, [dispatch]);
}

interface Saving {
  busy: boolean;
  /** The camera as someone else changed it meanwhile, while that is to be decided. */
  theirs: CameraDetail | null;
  save: (rules: Rules) => void;
  overwrite: (rules: Rules) => void;
  reload: () => void;
  think: () => void;
}

function useSaving(camera: CameraDetail, dispatch: (action: Action) => void): Saving {
  const { t } = useSpeech();
  const tell = useTell();
  const client = useQueryClient();
  /** What the draft was made from: its revision, and the rules as the service gave them. */
  const [base, setBase] = useState({ revision: camera.revision, rules: camera.rules });
  const [theirs, setTheirs] = useState<CameraDetail | null>(null);
  const keep = (now: CameraDetail) => {
    setBase({ revision: now.revision, rules: now.rules });
    setTheirs(null);
    client.setQueryData(['camera', camera.id], now);
  };
  const save = useMutation({
    mutationFn: async ({ rules, revision }: { rules: Rules; revision: number }) => {
      try {
        return await saveRules(camera.id, revision, rules);
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 409) throw error;
        const now = await readCamera(camera.id);
        // Another setting of the camera, or a muted spot, is no reason to ask.
        const same = JSON.stringify(now.rules) === JSON.stringify(base.rules);
        if (same) return await saveRules(camera.id, now.revision, rules);
        setTheirs(now);
        return null;
      }
    },
    onSuccess: (saved, sent) => {
      if (saved === null) return;
      keep(saved);
      dispatch({ kind: 'kept', rules: sent.rules });
      tell('good', t.rules.saved);
    },
    onError: (error) => tell('bad', explain(error, t)),
  });
  return {
    busy: save.isPending,
    theirs,
    save: (rules) => save.mutate({ rules, revision: base.revision }),
    overwrite: (rules) => {
      if (theirs !== null) save.mutate({ rules, revision: theirs.revision });
    },
    reload: () => {
      if (theirs === null) return;
      dispatch({ kind: 'loaded', rules: theirs.rules });
      keep(theirs);
    },
    think: () => setTheirs(null),
  };
}

function Workbench({ camera }: { camera: CameraDetail }) {
  const { t } = useSpeech();
  const [editor, dispatch] = useReducer(reduce, camera.rules, begin);
  const [tab, setTab] = useState<'rules' | 'replay'>('rules');
  const [pointed, setPointed] = useState<Line | null>(null);
  useUndoKeys(dispatch);
  const dirty = isDirty(editor);
  const broken = wrongs(editor.rules).length > 0;
  const saving = useSaving(camera, dispatch);
  const point = useCallback((line: Line | null) => setPointed(line), []);
  const { status } = camera;
  const size =
    status === null || status.width === null || status.height === null
      ? null
      : { width: status.width, height: status.height };
  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <Link to={`/cameras/${camera.id}`} className={classes.back ?? ''} aria-label={t.rules.back}>
          <BackIcon />
        </Link>
        <h1>
          {t.rules.title} <small>{camera.name}</small>
        </h1>
      </div>
      <div className={classes.bench}>
        <div className={classes.board}>
          <Toolbar editor={editor} dispatch={dispatch} />
          <div className={classes.stage}>
            <View
              src={camera.view_url}
              alt={t.camera.viewOf(camera.name)}
              size={size}
              margin={MARGIN}
            >
              {(shown) => (
                <>
                  {tab === 'rules' ? (
                    <Boxes
                      boxes={sightingBoxes(status?.sightings ?? []).map((one) => ({
                        ...one,
                        tone: 'faint',
                      }))}
                      shown={shown}
                    />
                  ) : null}
                  <Canvas editor={editor} dispatch={dispatch} shown={shown} />
                  {pointed === null ? null : (
                    <Boxes
                      boxes={[
                        {
                          key: pointed.key,
                          label: pointed.incident.label,
                          box: pointed.incident.box,
                          tone: TONES[pointed.fate],
                        },
                      ]}
                      shown={shown}
                    />
                  )}
                </>
              )}
            </View>
          </div>
        </div>
        <section className={classes.side} aria-label={t.rules.title}>
          <div className={classes.tabs} role="tablist" aria-label={t.rules.title}>
            {(['rules', 'replay'] as const).map((one) => (
              <button
                key={one}
                type="button"
                role="tab"
                aria-selected={one === tab}
                onClick={() => setTab(one)}
              >
                {one === 'rules' ? t.rules.title : t.replay.title}
              </button>
            ))}
          </div>
          <div className={classes.panel} role="tabpanel">
            <div hidden={tab !== 'rules'}>
              <ShapeList editor={editor} dispatch={dispatch} />
            </div>
            <div hidden={tab !== 'replay'}>
              <ReplayPanel
                cameraId={camera.id}
                rules={editor.rules}
                broken={broken}
                onPoint={point}
              />
            </div>
          </div>
          <div className={classes.save}>
            <span role="status" data-dirty={dirty}>
              {dirty ? (broken ? t.rules.mustFix : t.rules.unsaved) : t.rules.allSaved}
            </span>
            <Button
              variant="default"
              disabled={!dirty}
              onClick={() => dispatch({ kind: 'loaded', rules: editor.saved })}
            >
              {t.rules.discard}
            </Button>
            <Button
              disabled={!dirty || broken}
              loading={saving.busy}
              onClick={() => saving.save(editor.rules)}
            >
              {t.common.save}
            </Button>
          </div>
        </section>
      </div>
      <Guard dirty={dirty} />
      <Conflict
        theirs={saving.theirs}
        busy={saving.busy}
        onReload={saving.reload}
        onOverwrite={() => saving.overwrite(editor.rules)}
        onClose={saving.think}
      />
    </div>
  );
}

export function RulesPage() {
  const id = Number(useParams().id);
  const mayChange = useRight('cameras');
  const found = useCamera(id);
  if (!mayChange || !Number.isSafeInteger(id) || id <= 0) return <CameraMissing error={null} />;
  if (found.data !== undefined) return <Workbench key={id} camera={found.data} />;
  if (found.isError) return <CameraMissing error={found.error} />;
  return <Waiting />;
}
