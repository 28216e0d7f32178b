/** The rules of a camera in words, with the way to change them. */
import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useRight } from '../account/session';
import type { CameraDetail } from '../api/cameras';
import { className } from '../classes';
import { useSpeech } from '../i18n';
import { isWholeView, type Shape, SHAPE_KINDS, type ShapeKind, shapeName } from '../rules/drafts';
import { nameWeekly } from '../rules/hours';
import { EditIcon } from '../ui/icons';
import classes from './camera.module.css';

export function useShapeWords(): (kind: ShapeKind, shape: Shape) => string {
  const { t, language } = useSpeech();
  return (kind, shape) => {
    const labels =
      shape.labels.length === 0
        ? t.rules.allClasses
        : shape.labels.map((label) => className(label, language)).join(t.rules.comma);
    const parts = [labels];
    if ('name' in shape && shape.name !== '' && isWholeView(shape.polygon)) {
      parts.unshift(t.rules.wholeView);
    }
    if ('mode' in shape && shape.mode === 'auto') parts.push(t.rules.modes.auto);
    if (kind === 'permits' && 'weekly' in shape) {
      parts.push(...nameWeekly(shape.weekly, t.hours.texts));
    }
    return parts.join(' · ');
  };
}

export function RulesSummary({ camera }: { camera: CameraDetail }) {
  const { t } = useSpeech();
  const mayChange = useRight('cameras');
  const words = useShapeWords();
  const { rules } = camera;
  return (
    <div className={classes.rules}>
      {SHAPE_KINDS.map((kind) => (
        <section key={kind}>
          <h3>
            <i data-kind={kind} aria-hidden="true" />
            {t.rules.kinds[kind]} <span className="numbers">{rules[kind].length}</span>
          </h3>
          {rules[kind].length === 0 ? <p className="missing">{t.rules.noneOf[kind]}</p> : null}
          <ul>
            {rules[kind].map((shape) => (
              <li key={shape.id}>
                <strong>{shapeName(shape, t.rules.wholeView)}</strong>
                <span>{words(kind, shape)}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {mayChange ? (
        <Button
          component={Link}
          to={`/cameras/${camera.id}/rules`}
          variant="default"
          leftSection={<EditIcon size={16} />}
        >
          {t.camera.editRules}
        </Button>
      ) : null}
    </div>
  );
}
