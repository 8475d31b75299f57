// What an app's page shows, each time that changes, with the time: the percent, the
// lines of its stages, and the state in words.
(() => {
  const seen = (window.dcloudSeen = []);
  let last = "";
  const look = () => {
    const text = (selector) => document.querySelector(selector)?.innerText.replace(/\s+/g, " ").trim() ?? "";
    if (!document.getElementById("app-progress")) return;
    const now = {
      Percent: parseInt(text("#app-progress .app-ring strong")) || 0,
      State: text("#app-head .state"),
      Stages: [...document.querySelectorAll("#app-progress .stages li")].map((li) => `${li.className}: ${li.innerText.replace(/\s+/g, " ").trim()}`),
    };
    const key = JSON.stringify(now);
    if (key === last) return;
    last = key;
    seen.push({ At: performance.timeOrigin + performance.now(), ...now });
  };
  addEventListener("DOMContentLoaded", () => {
    look();
    new MutationObserver(look).observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true });
  });
})();
