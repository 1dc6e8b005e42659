/*
 * Yarn reads no .npmrc. What npm hands down of it (`npm start` sets `npm_config_*`) is said to Yarn by its own names, so that both
 * reach the same registry by the same way.
 */

/** npm's own registry: the one that is asked when a person has set no other. */
const publicRegistry = 'https://registry.npmjs.org';

/** Yarn's settings, as environment variables, for npm's settings in an environment. */
export function yarnSettings(environment) {
  const proxy =
    environment.npm_config_https_proxy || environment.npm_config_proxy;
  const registry = (environment.npm_config_registry || publicRegistry).replace(
    /\/$/,
    '',
  );
  const wanted = {
    YARN_NPM_REGISTRY_SERVER: registry,
    // A registry of one's own network may have no certificate; Yarn wants to be told.
    YARN_UNSAFE_HTTP_WHITELIST: /^http:/i.test(registry)
      ? new URL(registry).hostname
      : undefined,
    YARN_HTTPS_CA_FILE_PATH: environment.npm_config_cafile,
    YARN_HTTPS_PROXY: proxy || environment.HTTPS_PROXY,
    YARN_HTTP_PROXY: environment.npm_config_proxy || environment.HTTP_PROXY,
    YARN_ENABLE_STRICT_SSL:
      environment.npm_config_strict_ssl === '' ? 'false' : undefined,
  };
  return Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => value && !environment[name],
    ),
  );
}
