// From a key to its results. A key's time is that of its event; its results are there
// once the count above them names what stands in the field.
(() => {
  const field = document.getElementById("store-q");
  field.focus();
  let waiting = null, answer = null, tell = null;
  field.addEventListener("keydown", (event) => { waiting = { at: event.timeStamp, query: null }; }, true);
  field.addEventListener("input", () => { if (waiting) waiting.query = field.value; }, true);
  const fits = () => {
    const count = document.querySelector("#store-results .store-count")?.textContent ?? "";
    return waiting.query === "" ? !count.includes("“") : count.includes(`“${waiting.query}”`);
  };
  new MutationObserver(() => {
    if (!waiting || waiting.query === null || !fits()) return;
    const key = waiting, now = performance.now();
    waiting = null;
    requestAnimationFrame(() => setTimeout(() => {
      answer = { Query: key.query, Results: now - key.at, Painted: performance.now() - key.at };
      tell?.();
    }));
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  window.dcloudAnswered = () => new Promise((resolve, reject) => {
    const give = () => { const a = answer; answer = tell = null; resolve(a); };
    if (answer) return give();
    tell = give;
    setTimeout(() => reject(new Error(`nothing for ${JSON.stringify(field.value)} within 10 s`)), 10_000);
  });
})();
