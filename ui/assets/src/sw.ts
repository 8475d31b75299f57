// The service worker: files whose names carry their content's hash come from the
// cache, and where there is no network a page says so. Pages and data are never kept.
export {};
declare const self: any; // the types of workers and of pages exclude each other

const cacheName = `panel-${new URL(self.location.href).searchParams.get("v") ?? ""}`;
const offline = "/offline";

self.addEventListener("install", (event: any) => event.waitUntil(fill().then(() => self.skipWaiting())));

/** fill keeps the offline page, as somebody sees it who is not signed in, and what it loads. */
async function fill(): Promise<void> {
  const cache = await caches.open(cacheName);
  const answer = await fetch(offline, { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new Error(`offline page: ${answer.status}`);
  const text = await answer.clone().text();
  await cache.put(offline, answer);
  const needed = [...text.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)].map((m) => m[1]);
  await cache.addAll([...new Set(needed)]);
}

self.addEventListener("activate", (event: any) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("panel-") && name !== cacheName) await caches.delete(name);
  await self.registration.navigationPreload?.enable(); // asks for a page while this script starts
  await self.clients.claim();
})()));

self.addEventListener("fetch", (event: any) => {
  const request: Request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
  else if (request.mode === "navigate") event.respondWith(page(event));
});

async function page(event: any): Promise<Response> {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(offline)) ?? Response.error();
  }
}

async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}
