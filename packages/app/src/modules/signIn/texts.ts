/** Words of the sign-in page. */
export const texts = {
  title: 'Portal',
  choose: 'Choose who you are.',
  onlyGuest: 'Nobody is set up yet; look around as a guest.',
  guest: 'Guest',
  guestRole: 'Looks around and runs pipelines',
  enter: 'Enter',
  signIn: 'Sign in',
  signInAs: (name: string) => `Sign in as ${name}`,
  remark:
    'These people are for trying things out on this machine. No password is asked, so a portal that others reach does not offer them.',
  failed: (name: string) => `${name} could not be signed in`,
  back: 'Choose somebody else',
};
