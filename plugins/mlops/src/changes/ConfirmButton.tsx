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
import { useAction } from '../runs/RunActions';
import { useText } from '../translation';
import styles from './Change.module.css';

/** Does something after a second look; what the portal has against it stands in the dialog. */
export function ConfirmButton(props: {
  label: string;
  title: string;
  text: string;
  /** What the fault is called. */
  refused: string;
  variant?: 'primary' | 'secondary';
  isDisabled?: boolean;
  /** Choices that belong to it. */
  children?: ReactNode;
  onConfirm(): Promise<void>;
}) {
  const { label, title, text, refused, children, onConfirm } = props;
  const { variant = 'secondary', isDisabled } = props;
  const t = useText();
  const [open, setOpen] = useState(false);
  const { act, busy, fault } = useAction();
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button variant={variant} isDisabled={isDisabled}>
        {label}
      </Button>
      <Dialog>
        <DialogHeader>{title}</DialogHeader>
        <DialogBody>
          <div className={styles.form}>
            <span>{text}</span>
            {children}
            {fault && (
              <Alert status="danger" icon title={refused} description={fault} />
            )}
          </div>
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
            {label}
          </Button>
          <Button variant="secondary" slot="close">
            {t('change.cancel')}
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}
