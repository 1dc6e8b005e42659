import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
} from '@backstage/ui';
import { useState, type ReactNode } from 'react';
import { useText } from '../translation';
import { Stack } from './Page';
import { useAction } from './useAction';

/** Does something after a second look; what the portal has against it stands in the dialog. */
export function ConfirmButton(props: {
  label: string;
  /** What the button in the dialog says; default: the same. */
  confirm?: string;
  title: string;
  text?: string;
  /** What the fault is called. */
  refused?: string;
  size?: 'small' | 'medium';
  variant?: 'primary' | 'secondary' | 'tertiary';
  isDisabled?: boolean;
  /** What is to be seen or chosen before. */
  children?: ReactNode;
  onConfirm(): Promise<void>;
}) {
  const { label, confirm = label, title, text, refused, children } = props;
  const { size, variant = 'secondary', isDisabled, onConfirm } = props;
  const t = useText();
  const [open, setOpen] = useState(false);
  const { act, busy, fault } = useAction();
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button size={size} variant={variant} isDisabled={isDisabled}>
        {label}
      </Button>
      <Dialog>
        <DialogHeader>{title}</DialogHeader>
        <DialogBody>
          <Stack>
            {text && <span>{text}</span>}
            {children}
            {fault && (
              <Alert
                status="danger"
                icon
                title={refused ?? fault}
                description={refused && fault}
              />
            )}
          </Stack>
        </DialogBody>
        <DialogFooter>
          <Button
            variant="primary"
            isDisabled={busy}
            onPress={() =>
              act(async () => {
                await onConfirm();
                setOpen(false);
              })
            }
          >
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
