import { Button } from '@backstage/ui';
import { Judged } from './State';
import { useAction } from './useAction';

/** Does something at once; what the portal has against it stands beside the button. */
export function ActButton(props: {
  label: string;
  /** What the fault is called. */
  refused?: string;
  variant?: 'primary' | 'secondary';
  onAct(): Promise<void>;
}) {
  const { label, refused, variant = 'secondary', onAct } = props;
  const { act, busy, fault } = useAction();
  return (
    <>
      {fault && (
        <Judged as="bad">
          {refused ? `${refused}: ` : ''}
          {fault}
        </Judged>
      )}
      <Button variant={variant} isDisabled={busy} onPress={() => act(onAct)}>
        {label}
      </Button>
    </>
  );
}
