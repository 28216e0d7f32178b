/** Stands where no camera is yet: what to have at hand, and how a platform gives an address. */
import { Button } from '@mantine/core';
import { useSpeech } from '../i18n';
import { CamIcon, PlusIcon } from '../ui/icons';
import classes from './cameras.module.css';

/** `onAdd`: null for those who may not add one. */
export function FirstCamera({ onAdd }: { onAdd: (() => void) | null }) {
  const { t } = useSpeech();
  const { first } = t.cameras;
  return (
    <section className={classes.first}>
      <CamIcon size={44} />
      <h2>{first.title}</h2>
      <p>{onAdd === null ? first.askAdmin : first.text}</p>
      <ol>
        {first.steps.map(([title, text]) => (
          <li key={title}>
            <strong>{title}</strong>
            <span>{text}</span>
          </li>
        ))}
      </ol>
      {onAdd === null ? null : (
        <Button size="md" leftSection={<PlusIcon />} onClick={onAdd}>
          {t.cameras.add}
        </Button>
      )}
      <div className={classes.sources}>
        <h3>{first.addresses}</h3>
        <dl>
          {first.examples.map(([name, example]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="mono">{example}</dd>
            </div>
          ))}
        </dl>
        <h3>{first.gateway}</h3>
        <p>{first.gatewayText}</p>
      </div>
    </section>
  );
}
