/** The control API: the page talks to nothing else. */
export async function get(path) {
  return read(await fetch(path, { cache: "no-store" }));
}

export async function post(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return read(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export async function postFile(path, fields, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  form.append("file", file, file.name);
  return read(await fetch(path, { method: "POST", body: form }));
}

async function read(response) {
  const answer = await response.json().catch(() => ({ error: `the sandbox answered ${response.status}` }));
  if (!response.ok) throw new Error(answer.error || `the sandbox answered ${response.status}`);
  return answer;
}

/** Calls `onChange` with everything new, for ever; pauses while the sandbox is away. */
export async function follow(onChange, onState) {
  let after = 0;
  for (;;) {
    try {
      const changes = await get(`/sim/changes?after=${after}&wait=25`);
      onState(true);
      // A smaller number means that the sandbox was reset meanwhile.
      if (changes.seq < after) { location.reload(); return; }
      after = changes.seq;
      onChange(changes);
    } catch {
      onState(false);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}
