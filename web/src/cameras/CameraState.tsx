/** A camera's state in colour and words. */
import type { Camera } from '../api/cameras';
import { useSpeech } from '../i18n';
import classes from './cameras.module.css';
import { condition } from './wall';

export function useStateWords(): (camera: Camera) => string {
  const { t, language } = useSpeech();
  return (camera) => {
    if (camera.paused) return t.cameras.paused;
    if (!camera.in_plan) return t.cameras.outOfPlan;
    if (camera.status === null) return t.cameras.notYet;
    return camera.status.text[language];
  };
}

export function CameraState({ camera }: { camera: Camera }) {
  const { language } = useSpeech();
  const words = useStateWords();
  const faults = camera.status?.faults ?? [];
  const told = [words(camera), ...faults.map((fault) => fault[language])].join(' · ');
  return (
    <span className={classes.state} data-condition={condition(camera)} title={told}>
      <i aria-hidden="true" />
      <span>{told}</span>
    </span>
  );
}
