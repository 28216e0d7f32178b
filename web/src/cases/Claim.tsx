/** Taking a case from the queue, for its unit or another. */
import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useRight, useUser } from '../account/session';
import { claimCase, readUnits } from '../api/calls';
import type { CaseDetail } from '../api/types';
import { useSpeech } from '../i18n';
import { useTell } from '../ui/notices';
import { explain } from '../ui/words';
import classes from './case.module.css';
import { nameOfUnit } from './CasesPage';

export function Claim({ item }: { item: CaseDetail }) {
  const { t, language } = useSpeech();
  const tell = useTell();
  const client = useQueryClient();
  const { role } = useUser();
  const mayClaim = useRight('claim');
  const chooses = mayClaim && role !== 'unit';
  const [chosen, setChosen] = useState<number | null>(null);
  const units = useQuery({ queryKey: ['units'], queryFn: readUnits, enabled: chooses });
  const claim = useMutation({
    mutationFn: () => claimCase(item.id, chosen),
    onSuccess: () => tell('good', t.case.claimDone),
    onError: (error) => tell('bad', explain(error, t)),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['case', item.id] });
      void client.invalidateQueries({ queryKey: ['cases'] });
      void client.invalidateQueries({ queryKey: ['summary'] });
    },
  });
  if (!mayClaim || item.state !== 'PENDING_DISPATCH') return null;
  return (
    <div className={classes.claim}>
      {chooses && units.data !== undefined ? (
        <NativeSelect
          aria-label={t.case.claimFor}
          value={String(chosen ?? item.unit?.id ?? '')}
          onChange={(event) => setChosen(Number(event.currentTarget.value))}
          data={units.data.map((unit) => ({
            value: String(unit.id),
            label: nameOfUnit(unit, language),
          }))}
        />
      ) : null}
      <Button loading={claim.isPending} onClick={() => claim.mutate()}>
        {t.case.claim}
      </Button>
    </div>
  );
}
