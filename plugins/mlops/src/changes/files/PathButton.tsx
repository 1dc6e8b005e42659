import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
  TextField,
} from '@backstage/ui';
import { checkChangePath } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { useText } from '../../translation';
import { Judged } from '../../ui/State';

/** Asks for the path of a file in the project's folder. */
export function PathButton(props: {
  label: string;
  title: string;
  confirm: string;
  folder: string;
  /** Where it is now, for another place. */
  path?: string;
  taken(path: string): boolean;
  onPath(path: string): void;
}) {
  const { label, title, confirm, folder, taken, onPath } = props;
  const t = useText();
  const now = props.path?.slice(folder.length + 1) ?? '';
  const [open, setOpen] = useState(false);
  const [name, setName] = useState(now);
  const path = `${folder}/${name.trim()}`;
  const rule = checkChangePath(path);
  const fault =
    name.trim() === '' || name === now
      ? undefined
      : rule
      ? t('files.pathFault', { fault: rule })
      : taken(path)
      ? t('files.taken')
      : undefined;
  const isReady = name.trim() !== '' && name !== now && !fault;
  const take = () => {
    setOpen(false);
    onPath(path);
  };
  return (
    <DialogTrigger
      isOpen={open}
      onOpenChange={isOpen => {
        setOpen(isOpen);
        setName(now);
      }}
    >
      <Button size="small" variant="secondary">
        {label}
      </Button>
      <Dialog>
        <DialogHeader>{title}</DialogHeader>
        <DialogBody>
          <TextField
            label={t('files.path')}
            description={t('files.pathNote', { folder })}
            value={name}
            onChange={setName}
            onKeyDown={event => {
              if (event.key === 'Enter' && isReady) take();
            }}
          />
          {fault && <Judged as="bad">{fault}</Judged>}
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" isDisabled={!isReady} onPress={take}>
            {confirm}
          </Button>
          <Button variant="secondary" slot="close">
            {t('cancel')}
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}
