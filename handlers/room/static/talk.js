// The talk without waiting: sends in the background, shows answers when they come, and loses nothing on a bad line.
// What is being written lives in this page only; nothing is stored on the device.
"use strict";
(() => {
  const lines = document.getElementById("lines"), reading = document.getElementById("reading");
  const composer = document.getElementById("composer"), box = document.getElementById("write");
  const offline = document.getElementById("offline"), texts = document.getElementById("texts").dataset;
  const token = composer.elements.token.value;
  const waiting = [];
  let sending = false, failures = 0, timer = null;

  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(18)), (n) => n.toString(16).padStart(2, "0")).join("");
  const atEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - 160;
  const toEnd = () => scrollTo({ top: document.documentElement.scrollHeight });

  // One line of our own, before the server knows it.
  function put(item) {
    const line = document.createElement("li"), who = document.createElement("p"), bubble = document.createElement("p");
    line.className = "line by-resident waits";
    who.className = "who"; who.textContent = texts.you;
    bubble.className = "bubble"; bubble.textContent = item.shown;
    line.append(who, bubble);
    item.line = line;
    if (item.shown) { lines.append(line); toEnd(); }
    for (const form of lines.querySelectorAll(".choices")) form.remove();
  }

  function failed(item, why) {
    item.state?.remove();
    const state = document.createElement("p"), again = document.createElement("button");
    state.className = "state"; state.setAttribute("role", "alert"); state.textContent = why + " ";
    again.type = "button"; again.className = "small"; again.textContent = texts.again;
    again.addEventListener("click", () => { item.held = false; send(); });
    state.append(again);
    item.state = state;
    item.line.append(state);
  }

  const refusals = { 403: texts.stale, 410: texts.ended, 429: texts.tooFast, 503: texts.broken };

  // In order, one at a time, each under its own id: sent again it is still the same message.
  async function send() {
    const item = waiting.find((one) => !one.held);
    if (sending || !item) return;
    sending = true;
    clearTimeout(timer);
    try {
      const answer = await fetch(item.path, {
        method: "POST", redirect: "manual", credentials: "same-origin", body: new URLSearchParams({ ...item.fields, token }),
        headers: { accept: "application/json" },
      });
      if (answer.status === 401) { item.held = true; return closed(); }
      if (answer.ok) {
        const key = (await answer.json()).key;
        // It may have come on an earlier try, and the page may have it from the server already.
        if ([...lines.children].some((line) => line !== item.line && line.dataset.key === key)) item.line.remove();
        else item.line.dataset.key = key;
        item.state?.remove();
        waiting.splice(waiting.indexOf(item), 1);
        failures = 0; offline.hidden = true;
        if (item.fields.text !== undefined) reading.textContent = texts.reading;
        renew();
      } else {
        item.held = true;
        failed(item, refusals[answer.status] ?? texts.broken);
        const wait = Number(answer.headers.get("retry-after"));
        if (wait) setTimeout(() => { item.held = false; send(); }, wait * 1000 + 500);
      }
    } catch (error) {
      // The line is broken, not the message: it is tried again, later and later.
      failures += 1; offline.hidden = false;
      failed(item, texts.notSent);
      timer = setTimeout(send, Math.min(30, 2 ** failures) * 1000);
    } finally {
      sending = false;
    }
    if (!failures && waiting.some((one) => !one.held)) send();
  }

  function queue(path, fields, shown) {
    const item = { path, fields: { ref: fresh(), ...fields }, shown };
    waiting.push(item);
    put(item);
    send();
  }

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value;
    if (!text.trim()) return;
    if ([...text].length > Number(box.dataset.longest)) { note(texts.tooLong); return; }
    note("");
    box.value = "";
    grow();
    queue("/room/say", { text }, text);
    box.focus();
  });

  function note(words) {
    let shown = document.getElementById("note");
    if (!words) { shown?.remove(); return; }
    if (!shown) { shown = document.createElement("p"); shown.id = "note"; shown.className = "offline"; shown.setAttribute("role", "alert"); composer.before(shown); }
    shown.textContent = words;
  }

  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter;
    if (form.matches("[data-press]")) {
      event.preventDefault();
      form.closest("details")?.removeAttribute("open");
      queue("/room/press", { press: button.value }, button.dataset.shown ?? "");
    } else if (form.matches("[data-quiet]")) {
      event.preventDefault();
      form.closest("details").removeAttribute("open");
      queue("/room/unsend", { key: form.elements.key.value }, "");
    } else if (form.matches("[data-look]")) {
      // What is being written must not go with the page that changes its look.
      if (box.value || waiting.length) return;
      event.preventDefault();
      fetch("/room/look", { method: "POST", credentials: "same-origin", body: new URLSearchParams(new FormData(form)), headers: { accept: "application/json" } })
        .then(() => location.replace("/room/"));
    }
  });

  // Nobody is in the room any more: the talk goes from the screen, what was being written stays with who writes it.
  function closed() {
    const button = composer.querySelector("button");
    if (button.disabled) return;
    stream?.close();
    clearTimeout(timer);
    box.value = [...waiting.map((item) => item.fields.text ?? ""), box.value].filter(Boolean).join("\n\n");
    if (!box.value) { location.reload(); return; }
    lines.replaceChildren();
    reading.replaceChildren();
    offline.hidden = true;
    button.disabled = true;
    note(texts.closed);
    grow();
  }

  // The server's lines take the place of ours, one by one, so that a screen reader hears only what is new.
  let renewing = false, again = false;
  async function renew() {
    if (renewing) { again = true; return; }
    renewing = true;
    try {
      const answer = await fetch("/room/lines", { credentials: "same-origin" });
      if (answer.status === 401) return closed();
      if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch (error) { /* the network is away: the stream tells when it is back */
    } finally { renewing = false; }
    if (again) { again = false; renew(); }
  }

  function show(found) {
    const stay = atEnd();
    const wanted = [...found.querySelectorAll("li.line")];
    const own = waiting.map((item) => item.line);
    const known = new Map([...lines.children].filter((line) => line.dataset.key).map((line) => [line.dataset.key, line]));
    const keys = new Set(wanted.map((line) => line.dataset.key));
    for (const [key, line] of known) if (!keys.has(key) && !own.includes(line)) line.remove();
    let place = null;
    for (const next of wanted) {
      let here = known.get(next.dataset.key);
      if (!here) { here = document.importNode(next, true); }
      else if (here.dataset.mark !== next.dataset.mark) { const fresh = document.importNode(next, true); here.replaceWith(fresh); here = fresh; }
      else if (next.id) here.id = next.id;
      else here.removeAttribute("id");
      const after = place ? place.nextElementSibling : lines.firstElementChild;
      if (after !== here) place ? place.after(here) : lines.prepend(here);
      place = here;
    }
    for (const line of [...lines.children]) if (!line.dataset.key && !own.includes(line)) line.remove();
    for (const line of own) if (!line.dataset.key && line.isConnected) lines.append(line);
    const waits = wanted.some((line) => line.classList.contains("waits"));
    if (!waits) reading.replaceChildren();
    else if (!reading.childElementCount) { const dots = document.createElement("span"); dots.className = "dots"; dots.setAttribute("aria-hidden", "true"); reading.replaceChildren(dots, texts.reading); }
    if (stay) toEnd();
  }

  // A stream; where a proxy lets none through, one long question after the other.
  let stream = null, broken = 0;
  function listen() {
    if (composer.querySelector("button").disabled) return;
    if (!window.EventSource || broken > 2) { ask(-1); return; }
    stream = new EventSource("/room/stream");
    stream.onmessage = () => { broken = 0; offline.hidden = true; renew(); };
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED && ++broken <= 2) return;
      stream.close(); broken += 1; renew(); setTimeout(listen, 3000);
    };
  }
  async function ask(known) {
    try {
      const answer = await fetch(`/room/changes?known=${known}`, { credentials: "same-origin", headers: { accept: "application/json" } });
      if (answer.status === 401) return closed();
      const now = (await answer.json()).changed;
      if (now !== known) renew();
      setTimeout(() => ask(now), answer.ok ? 0 : 10000);
    } catch (error) { setTimeout(() => ask(known), 5000); }
  }

  function grow() { box.style.height = "auto"; box.style.height = `${Math.min(box.scrollHeight + 3, innerHeight * 0.4)}px`; }
  box.addEventListener("input", grow);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) composer.requestSubmit();
  });
  addEventListener("online", () => { failures = 0; send(); });
  addEventListener("offline", () => { offline.hidden = false; });
  addEventListener("pagehide", () => { box.value = ""; stream?.close(); });
  toEnd();
  listen();
})();
