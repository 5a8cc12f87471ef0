// "Ask for a new one", on pages of keys and links that are dead. Only a
// person's own act asks.

const box = document.getElementById('ask')!;
const button = box.querySelector('button')!;
const said = box.querySelector('p')!;
const { token, key, told, away, many, trouble } = box.dataset;
document.documentElement.classList.add('js');

button.onclick = async (act) => {
  if (!act.isTrusted || button.disabled) return;
  button.disabled = true;
  said.textContent = await ask();
  button.disabled = false;
};

/** Asks, and returns what to say about it. */
async function ask(): Promise<string> {
  const answer = await fetch('/api/ring', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(token ? { token } : { key }),
  }).catch(() => undefined);
  const ring = (await answer?.json().catch(() => ({}))) as { told?: boolean; agent?: string; code?: string } | undefined;
  if (answer?.ok && ring?.agent) return (ring.told ? told! : away!).replace('{agent}', () => ring.agent!);
  if (ring?.code === 'too-many') return many!;
  if (ring?.code === 'invalid') location.reload(); // the key works again
  return trouble!;
}
