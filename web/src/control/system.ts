// What kind of computer and browser this is, as far as it says: for choosing
// the right helper, and for the agent to know what the end-user sees.

export type System = 'windows' | 'macos' | 'linux' | 'android' | 'ios' | '';
export type Browser = 'chrome' | 'edge' | 'firefox' | 'safari' | '';

export function systemOf({ userAgent, platform, maxTouchPoints }: Pick<Navigator, 'userAgent' | 'platform' | 'maxTouchPoints'>): System {
  if (/Android/.test(userAgent)) return 'android';
  if (/iPhone|iPad|iPod/.test(userAgent) || (platform === 'MacIntel' && maxTouchPoints > 1)) return 'ios';
  if (/Windows/.test(userAgent)) return 'windows';
  if (/Mac OS X/.test(userAgent)) return 'macos';
  return /Linux|X11|CrOS/.test(userAgent) ? 'linux' : '';
}

export function browserOf(userAgent: string): Browser {
  if (/Edg\//.test(userAgent)) return 'edge';
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Chrome\//.test(userAgent)) return 'chrome';
  return /Safari\//.test(userAgent) ? 'safari' : '';
}

/** The helper's build for this computer, among those that there are; '' for none. Browsers on Macs all say Intel, so there a newer one is assumed. */
export async function buildFor(system: System, builds: readonly string[]): Promise<string> {
  const goos = system === 'macos' ? 'darwin' : system;
  const data = (navigator as { userAgentData?: { getHighEntropyValues(hints: string[]): Promise<{ architecture?: string }> } }).userAgentData;
  const { architecture } = (await data?.getHighEntropyValues(['architecture']).catch(() => undefined)) ?? {};
  const arm = architecture ? architecture === 'arm' : goos === 'darwin' || /aarch64|arm64/i.test(navigator.userAgent);
  const wanted = [`${goos}-${arm ? 'arm64' : 'amd64'}`, `${goos}-amd64`, `${goos}-arm64`];
  return wanted.find((b) => builds.includes(b)) ?? '';
}
