import type {
  BackstageCredentials,
  UserInfoService,
} from '@backstage/backend-plugin-api';

/** Reference of the person or service behind a call. */
export async function callerOf(
  userInfo: UserInfoService,
  credentials: BackstageCredentials,
): Promise<string> {
  const principal = credentials.principal as {
    type: string;
    userEntityRef?: string;
    subject?: string;
  };
  if (principal.type === 'user')
    return (
      principal.userEntityRef ??
      (await userInfo.getUserInfo(credentials)).userEntityRef
    );
  return principal.subject ?? 'service';
}
