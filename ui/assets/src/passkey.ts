// Passkeys: asks the server what to sign, lets the browser's authenticator sign it, and
// sends the answer back. Each [data-passkey] on the page is one such thing: "get" signs
// in or proves who it is, "make" adds a passkey; its data- attributes say where.
// It shows itself only where the browser can.

interface Challenge { id: string; options: any }

const bytes = (text: string): ArrayBuffer => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const out = new Uint8Array(plain.length);
  for (let k = 0; k < plain.length; k++) out[k] = plain.charCodeAt(k);
  return out.buffer;
};

const text = (buffer: ArrayBuffer | null | undefined): string | undefined => {
  if (!buffer) return undefined;
  let plain = "";
  for (const b of new Uint8Array(buffer)) plain += String.fromCharCode(b);
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

/** Refused is what the server says, in words. */
class Refused extends Error {}

async function post(path: string, body: unknown): Promise<any> {
  const token = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRF-Token"] ?? "";
  const answer = await fetch(path, {
    method: "POST", credentials: "same-origin", body: JSON.stringify(body ?? {}),
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": token },
  });
  const type = answer.headers.get("Content-Type") ?? "";
  if (answer.redirected || !type.includes("json")) { // signed out meanwhile, or a proof is needed first
    if (answer.redirected) location.assign(answer.url);
    throw new TypeError(`answered ${answer.status}`);
  }
  const said = await answer.json();
  const error = said.error ?? said; // the kernel's own errors are in an envelope
  if (!answer.ok) throw new Refused([error.message, error.hint].filter(Boolean).join(": ") + ".");
  return said;
}

const descriptors = (list: any[] | undefined) => list?.map((d) => ({ ...d, id: bytes(d.id) }));

/** get lets a passkey sign. */
async function get(options: any): Promise<unknown> {
  const made = (await navigator.credentials.get({ publicKey: {
    ...options, challenge: bytes(options.challenge), allowCredentials: descriptors(options.allowCredentials) } })) as PublicKeyCredential;
  const r = made.response as AuthenticatorAssertionResponse;
  return {
    id: made.id, rawId: text(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
    response: { clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature), userHandle: text(r.userHandle) },
  };
}

/** make lets an authenticator make a passkey. */
async function make(options: any): Promise<unknown> {
  const made = (await navigator.credentials.create({ publicKey: {
    ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: descriptors(options.excludeCredentials) } })) as PublicKeyCredential;
  const r = made.response as AuthenticatorAttestationResponse;
  return {
    id: made.id, rawId: text(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment ?? undefined,
    clientExtensionResults: {},
    response: { clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject), transports: r.getTransports?.() ?? [] },
  };
}

async function use(place: HTMLElement, button: HTMLButtonElement): Promise<void> {
  const said = place.querySelector<HTMLElement>("[role=alert]");
  const { begin, finish, next, failed, away } = place.dataset;
  if (said) said.textContent = "";
  button.disabled = true;
  try {
    const challenge: Challenge = await post(begin!, {});
    const answer = place.dataset.passkey === "make" ? await make(challenge.options) : await get(challenge.options);
    const name = place.querySelector<HTMLInputElement>("input[name=passkey]")?.value ?? "";
    const onward = await post(finish!, { challenge: challenge.id, answer, name, next });
    location.assign(onward.next || "/");
    return; // the button stays off while the next page loads
  } catch (error) {
    const words = error instanceof Refused ? error.message : error instanceof TypeError ? away : failed;
    if (said) said.textContent = words ?? "";
  }
  button.disabled = false;
}

if (window.PublicKeyCredential && window.isSecureContext) {
  document.querySelectorAll<HTMLElement>("[data-passkey]").forEach((place) => {
    const button = place.querySelector<HTMLButtonElement>("button");
    if (!button) return;
    place.hidden = false;
    button.addEventListener("click", () => void use(place, button));
  });
}
