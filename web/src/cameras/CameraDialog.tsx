/** Adds a camera or changes one; a test look shows before saving whether the address is right. */
import { Alert, Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { addCamera, changeCamera, readCamera } from '../api/cameraCalls';
import type { CameraDetail } from '../api/cameras';
import { Problem } from '../api/http';
import { useSpeech } from '../i18n';
import { WeeklyEditor } from '../rules/WeeklyEditor';
import { useTell } from '../ui/notices';
import { QUIET_MODAL } from '../ui/quiet';
import { explain } from '../ui/words';
import { useCameras } from './CamerasPage';
import classes from './dialog.module.css';
import {
  type CameraForm,
  changesOf,
  draftOf,
  EMPTY_FORM,
  faultsOf,
  type Field,
  formOf,
  isAddress,
} from './form';
import { Neighbours } from './Neighbours';
import { TestPanel, type TestTarget } from './TestPanel';

interface Props {
  opened: boolean;
  onClose: () => void;
  onSaved: (camera: CameraDetail) => void;
  /** The camera to change; without one, a new one is added. */
  camera?: CameraDetail;
}

export function CameraDialog(props: Props) {
  const { t } = useSpeech();
  const narrow = useMediaQuery('(max-width: 760px)');
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.camera === undefined ? t.cameras.add : t.cameraForm.change(props.camera.name)}
      closeButtonProps={{ 'aria-label': t.common.close }}
      closeOnClickOutside={false}
      size={940}
      fullScreen={narrow === true}
      {...QUIET_MODAL}
    >
      {props.opened ? <Fields {...props} /> : null}
    </Modal>
  );
}

function targetOf(form: CameraForm, camera: CameraDetail | undefined): TestTarget | null {
  if (isAddress(form.url)) return { url: form.url.trim(), transport: form.transport };
  return form.url.trim() === '' && camera !== undefined ? { camera_id: camera.id } : null;
}

function Fields({ camera, onClose, onSaved }: Props) {
  const { t } = useSpeech();
  const tell = useTell();
  const client = useQueryClient();
  const cameras = useCameras();
  const [form, setForm] = useState<CameraForm>(camera === undefined ? EMPTY_FORM : formOf(camera));
  const [asked, setAsked] = useState(false);
  /** The camera as it was when the fields were filled: a change made meanwhile is not lost. */
  const [base, setBase] = useState(camera);
  const isNew = camera === undefined;
  const save = useMutation({
    mutationFn: () =>
      camera === undefined
        ? addCamera(draftOf(form, false))
        : changeCamera(
            camera.id,
            base?.revision ?? camera.revision,
            changesOf(form, base ?? camera),
          ),
    onSuccess: (saved) => {
      tell('good', t.cameraForm.saved(saved.name));
      void client.invalidateQueries({ queryKey: ['cameras'] });
      void client.invalidateQueries({ queryKey: ['camera', saved.id] });
      onClose();
      onSaved(saved);
    },
  });
  const again = useMutation({
    mutationFn: readCamera,
    onSuccess: (now) => {
      setBase(now);
      setForm(formOf(now));
      save.reset();
    },
    onError: (error) => tell('bad', explain(error, t)),
  });
  const conflict =
    save.error instanceof Problem && save.error.status === 409 && save.error.field === 'revision';
  const faults = asked ? faultsOf(form, isNew) : [];
  const { faults: texts } = t.cameraForm;
  const wrong = (field: Field) => {
    if (faults.includes(field)) return texts[field];
    const problem = save.error instanceof Problem ? save.error : null;
    return problem?.field === field ? problem.message : null;
  };
  const set = (change: Partial<CameraForm>) => setForm({ ...form, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (faultsOf(form, isNew).length === 0) save.mutate();
  };
  const others = (cameras.data ?? []).filter((one) => one.id !== camera?.id);
  return (
    <form className={classes.dialog} onSubmit={submit} noValidate>
      <div className={classes.columns}>
        <div className={classes.fields}>
          <TextInput
            label={t.cameraForm.name}
            placeholder={t.cameraForm.namePlaceholder}
            data-autofocus
            maxLength={128}
            error={wrong('name')}
            value={form.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <TextInput
            label={t.cameraForm.url}
            description={isNew ? t.cameraForm.urlHint : t.cameraForm.urlKept}
            placeholder={isNew ? t.cameraForm.urlPlaceholder : camera.url_shown}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={2000}
            error={wrong('url')}
            value={form.url}
            onChange={(event) => set({ url: event.currentTarget.value })}
          />
          <div className={classes.three}>
            <NativeSelect
              label={t.cameraForm.mode}
              value={form.mode}
              onChange={(event) =>
                set({ mode: event.currentTarget.value === 'round' ? 'round' : 'watch' })
              }
              data={[
                { value: 'watch', label: t.cameraForm.modes.watch },
                { value: 'round', label: t.cameraForm.modes.round },
              ]}
            />
            <TextInput
              label={t.cameraForm.every}
              inputMode="decimal"
              error={wrong('every')}
              value={form.every}
              onChange={(event) => set({ every: event.currentTarget.value })}
            />
            <NativeSelect
              label={t.cameraForm.transport}
              value={form.transport}
              onChange={(event) =>
                set({ transport: event.currentTarget.value === 'udp' ? 'udp' : 'tcp' })
              }
              data={[
                { value: 'tcp', label: 'TCP' },
                { value: 'udp', label: 'UDP' },
              ]}
            />
          </div>
          <p className={classes.hint}>{t.cameraForm.modeHints[form.mode]}</p>
          <TextInput
            label={t.cameraForm.place}
            placeholder={t.cameraForm.placePlaceholder}
            maxLength={300}
            value={form.place}
            onChange={(event) => set({ place: event.currentTarget.value })}
          />
          <div className={classes.three}>
            <TextInput
              label={t.upload.lat}
              inputMode="decimal"
              placeholder="29.58620"
              error={wrong('lat')}
              value={form.lat}
              onChange={(event) => set({ lat: event.currentTarget.value })}
            />
            <TextInput
              label={t.upload.lon}
              inputMode="decimal"
              placeholder="120.81930"
              error={wrong('lon') ?? wrong('together')}
              value={form.lon}
              onChange={(event) => set({ lon: event.currentTarget.value })}
            />
            <TextInput
              label={t.cameraForm.presetOf}
              maxLength={128}
              value={form.presetOf}
              onChange={(event) => set({ presetOf: event.currentTarget.value })}
            />
          </div>
        </div>
        <TestPanel target={targetOf(form, camera)} />
      </div>
      <details className={classes.more} open={form.plan.length > 0}>
        <summary>{t.cameraForm.plan}</summary>
        <p className={classes.hint}>{t.cameraForm.planHint}</p>
        <WeeklyEditor weekly={form.plan} empty="always" onChange={(plan) => set({ plan })} />
      </details>
      <details className={classes.more}>
        <summary>
          {t.cameraForm.neighbours}
          {form.neighbours.length === 0 ? null : (
            <span className="numbers">{form.neighbours.length}</span>
          )}
        </summary>
        <p className={classes.hint}>{t.cameraForm.neighboursHint}</p>
        <Neighbours
          cameras={others}
          chosen={form.neighbours}
          onChange={(neighbours) => set({ neighbours })}
        />
      </details>
      <details className={classes.more}>
        <summary>{t.cameraForm.legal}</summary>
        <p className={classes.hint}>{t.cameraForm.legalHint}</p>
        <div className={classes.legal}>
          <TextInput
            label={t.cameraForm.legalReview}
            maxLength={128}
            value={form.legalReview}
            onChange={(event) => set({ legalReview: event.currentTarget.value })}
          />
          <TextInput
            label={t.cameraForm.techReview}
            maxLength={128}
            value={form.techReview}
            onChange={(event) => set({ techReview: event.currentTarget.value })}
          />
          <label>
            <input
              type="checkbox"
              checked={form.sign}
              onChange={(event) => set({ sign: event.currentTarget.checked })}
            />
            {t.cameraForm.sign}
          </label>
          <label>
            <input
              type="checkbox"
              checked={form.published}
              onChange={(event) => set({ published: event.currentTarget.checked })}
            />
            {t.cameraForm.published}
          </label>
        </div>
      </details>
      {save.error === null ? null : (
        <Alert color="red" variant="light" role="alert">
          {explain(save.error, t)}
          {conflict && camera !== undefined ? (
            <Button
              size="compact-sm"
              variant="default"
              className={classes.again ?? ''}
              loading={again.isPending}
              onClick={() => again.mutate(camera.id)}
            >
              {t.cameraForm.changedMeanwhile}
            </Button>
          ) : null}
        </Alert>
      )}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          {t.common.cancel}
        </Button>
        <Button type="submit" loading={save.isPending}>
          {isNew ? t.cameras.add : t.common.save}
        </Button>
      </div>
    </form>
  );
}
