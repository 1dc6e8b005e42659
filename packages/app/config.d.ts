export interface Config {
  auth?: {
    providers?: {
      /** People whom the sign-in page offers in development. @deepVisibility frontend */
      'dev-users'?: {
        people: {
          /** Entity reference of a User in the catalog. */
          ref: string;
          name: string;
          /** What they do, in a few words. */
          role?: string;
        }[];
      };
    };
  };
}
