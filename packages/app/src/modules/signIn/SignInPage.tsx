/* Who opens the portal. In development a person is chosen from a list; every other portal has a page of its own in place of this one. */
import { ProxiedSignInPage } from '@backstage/core-components';
import {
  configApiRef,
  useApi,
  type IdentityApi,
} from '@backstage/frontend-plugin-api';
import { Alert, Avatar, Box, Button, FullPage } from '@backstage/ui';
import { useMemo, useState } from 'react';
import {
  forgetPerson,
  forgottenAtSignOut,
  rememberedPerson,
  rememberPerson,
  type Person,
} from './person';
import { readPeople } from './readPeople';
import styles from './SignInPage.module.css';
import { texts } from './texts';

/** Offers the guest and the people of the configuration; signs in again by itself until somebody signs out. */
export function SignInPage(props: {
  onSignInSuccess(identity: IdentityApi): void;
}) {
  const config = useApi(configApiRef);
  const people = useMemo(() => readPeople(config), [config]);
  const [chosen, setChosen] = useState(() => rememberedPerson(people));
  if (chosen)
    return (
      <SigningIn
        person={chosen}
        onSuccess={props.onSignInSuccess}
        onBack={() => {
          forgetPerson();
          setChosen(undefined);
        }}
      />
    );
  return (
    <FullPage className={styles.page}>
      <main className={styles.content}>
        <header>
          <h1>{config.getOptionalString('app.title') ?? texts.title}</h1>
          <p>{people.length > 1 ? texts.choose : texts.onlyGuest}</p>
        </header>
        <ul className={styles.people}>
          {people.map(person => (
            <PersonCard
              key={person.ref ?? person.name}
              person={person}
              onChoose={() => {
                rememberPerson(person);
                setChosen(person);
              }}
            />
          ))}
        </ul>
        <p className={styles.remark}>{texts.remark}</p>
      </main>
    </FullPage>
  );
}

function PersonCard(props: { person: Person; onChoose(): void }) {
  const { person, onChoose } = props;
  return (
    <Box as="li" bg="neutral" className={styles.person}>
      <Avatar src="" name={person.name} size="medium" purpose="decoration" />
      <div className={styles.words}>
        <strong>{person.name}</strong>
        <span>{person.role}</span>
      </div>
      <Button
        variant={person.ref ? 'secondary' : 'primary'}
        onPress={onChoose}
        aria-label={person.ref && texts.signInAs(person.name)}
      >
        {person.ref ? texts.signIn : texts.enter}
      </Button>
    </Box>
  );
}

function SigningIn(props: {
  person: Person;
  onSuccess(identity: IdentityApi): void;
  onBack(): void;
}) {
  const { person, onSuccess, onBack } = props;
  return (
    <ProxiedSignInPage
      provider={person.ref ? 'dev-users' : 'guest'}
      headers={person.ref ? { 'x-portal-person': person.ref } : undefined}
      onSignInSuccess={identity => onSuccess(forgottenAtSignOut(identity))}
      ErrorComponent={({ error }) => (
        <FullPage className={styles.page}>
          <main className={styles.content}>
            <Alert
              status="danger"
              icon
              title={texts.failed(person.name)}
              description={(error?.cause as Error)?.message ?? error?.message}
              customActions={
                <Button size="small" variant="secondary" onPress={onBack}>
                  {texts.back}
                </Button>
              }
            />
          </main>
        </FullPage>
      )}
    />
  );
}
