// Tells a page when something changed: by a stream of server-sent events, else by asking every few seconds.
"use strict";
window.listenForChanges = function (desk, changed) {
  const query = "?desk=" + encodeURIComponent(desk);
  let known = null, failures = 0, asking = null;
  function told(numbers) {
    const before = known;
    known = numbers;
    if (before && (before.queue !== numbers.queue || before.talk !== numbers.talk)) {
      changed(numbers, before);
      document.dispatchEvent(new CustomEvent("desk-changed"));
    }
  }
  async function ask() {
    try {
      const answer = await fetch("/staff/changes" + query, { headers: { accept: "application/json" } });
      if (answer.status === 401) { clearInterval(asking); location.reload(); return; }
      if (answer.ok) told(await answer.json());
    } catch (error) { /* the network is away: asked again in a moment */ }
  }
  function poll() { if (!asking) { asking = setInterval(ask, 4000); ask(); } }
  if (!window.EventSource) { poll(); return; }
  const stream = new EventSource("/staff/stream" + query);
  stream.onmessage = (event) => { failures = 0; told(JSON.parse(event.data)); };
  stream.onerror = () => {
    failures += 1;
    if (failures > 3 || stream.readyState === EventSource.CLOSED) { stream.close(); poll(); }
  };
  ask();
};
