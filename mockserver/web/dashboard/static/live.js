// The one script of the dashboard. Without it every page and form works; with it a page follows what happens, keeps
// what somebody has typed, unfolded, focused or scrolled to, and says when a thing is done.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const say = (text) => { byId("said").textContent = text; };

  // ---- The page made like another, keeping every part that stays the same.

  // Attributes, not properties: a field of a form hides the form's property of the same name.
  const keyOf = (node) => node.getAttribute && (node.getAttribute("id") || node.getAttribute("data-key")) || "";
  const isAlike = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

  function liken(now, wanted) {
    if (now.nodeType !== Node.ELEMENT_NODE) {
      if (now.nodeValue !== wanted.nodeValue) now.nodeValue = wanted.nodeValue;
      return;
    }
    if (now === document.activeElement && now.matches("input, textarea, select")) return;
    for (const { name } of [...now.attributes]) {
      if (!wanted.hasAttribute(name) && !(name === "open" && now.matches("details"))) now.removeAttribute(name);
    }
    for (const { name, value } of wanted.attributes) {
      if (name === "open" && now.matches("details")) continue;
      if (now.getAttribute(name) !== value) now.setAttribute(name, value);
    }
    likenChildren(now, wanted);
  }

  function likenChildren(now, wanted) {
    const keyed = new Map([...now.children].filter(keyOf).map((child) => [keyOf(child), child]));
    let place = now.firstChild;
    for (const child of [...wanted.childNodes]) {
      let found = keyOf(child) ? keyed.get(keyOf(child)) : place;
      while (found && !keyOf(child) && !isAlike(found, child)) found = found.nextSibling;
      if (!found || !isAlike(found, child)) { now.insertBefore(document.importNode(child, true), place); continue; }
      if (keyOf(child)) {
        if (found !== place) now.insertBefore(found, place);
      } else {
        for (; place !== found; place = dropped(place));
      }
      if (found === place) place = place.nextSibling;
      liken(found, child);
    }
    while (place) place = dropped(place);
  }

  function dropped(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
  }

  // ---- Showing what the server answered: all of the page after somebody's act, else what is live.

  function show(text, isWhole) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    if (!fresh.getElementById("content")) return false;
    const parts = isWhole ? ["tenants", "clock", "problem", "live", "still"] : ["clock", "live"];
    for (const id of parts) {
      const isKept = !isWhole && id === "live" && "kept" in byId(id).dataset;
      if (!isKept) liken(byId(id), fresh.getElementById(id));
    }
    if (isWhole) document.title = fresh.title;
    document.body.dataset.state = fresh.body.dataset.state;
    setClock();
    return true;
  }

  // ---- Live updates: an event says that something has changed, and the page is asked for again, one at a time.

  let source = null, later = 0, acts = 0, isAsking = false, isWanted = false;

  async function refresh() {
    if (isAsking || document.hidden) { isWanted = true; return; }
    isAsking = true;
    isWanted = false;
    const began = performance.now(), act = acts;
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout(30000) });
      const text = await answer.text();
      if (act === acts && !show(text, false)) location.reload();
    } catch { /* the events say when the server is back */ }
    setTimeout(() => {
      isAsking = false;
      if (isWanted || byId("moving")) refresh();
    }, Math.min(3000, 100 + 2 * (performance.now() - began)));
  }

  function listen() {
    stop();
    if (!document.body.dataset.live || document.hidden) return;
    source = new EventSource(document.body.dataset.live);
    source.addEventListener("change", (event) => {
      document.body.classList.remove("lost");
      if (event.data !== document.body.dataset.state) refresh();
    });
    source.addEventListener("error", () => {
      document.body.classList.add("lost");
      if (source.readyState === EventSource.CLOSED) later = setTimeout(listen, 1000);
    });
  }

  function stop() {
    clearTimeout(later);
    if (source) source.close();
    source = null;
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stop(); else { listen(); if (isWanted) refresh(); }
  });
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => { if (event.persisted) { listen(); refresh(); } });

  // ---- Forms: sent without leaving the page, so that the place on it is not lost.

  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (form.getAttribute("method") !== "post" || form.getAttribute("action") === "/_mock/zone" || !byId("content")) return;
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    acts += 1;
    try {
      const answer = await sent(form, button);
      const text = await answer.text();
      form.removeAttribute("aria-busy");
      acts += 1;
      if ((answer.headers.get("content-type") || "").includes("json")) return answered(answer.ok, text, form);
      if (!show(text, true)) return location.assign(answer.url);
      if (answer.redirected && answer.url !== location.href) history.replaceState(null, "", answer.url);
      if (answer.ok) { form.reset(); fold(form); }
      focusAfter(answer.ok, button);
    } catch {
      form.removeAttribute("aria-busy");
      complain("The server does not answer.");
    }
  });

  async function sent(form, button) {
    const fields = new FormData(form, button);
    if (form.hasAttribute("data-upload")) {  // a whole world: the control surface takes it at any size
      const name = fields.get("name"), saved = await fields.get("snapshot:json").text();
      const body = `{${name ? `"name": ${JSON.stringify(name)}, ` : ""}"snapshot": ${saved}}`;
      return fetch(form.getAttribute("data-upload"), { method: "POST", body, headers: { "Content-Type": "application/json" } });
    }
    return fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(fields) });
  }

  function answered(isDone, text, form) {
    if (!isDone) return complain(JSON.parse(text).detail);
    form.reset();
    byId("problem").replaceChildren();
    say("Done.");
    refresh();
  }

  function complain(why) {
    const alert = document.createElement("div");
    alert.className = "problem";
    alert.tabIndex = -1;
    alert.setAttribute("role", "alert");
    alert.textContent = why;
    byId("problem").replaceChildren(alert);
    alert.focus();
  }

  function fold(form) {
    const question = form.closest("details.confirm");
    if (!question) return;
    question.open = false;
    question.querySelector("summary").focus();
  }

  function focusAfter(isDone, button) {
    const alert = document.querySelector("#problem [role=alert]");
    if (alert) return alert.focus();
    if (document.activeElement === document.body) byId("content").focus({ preventScroll: true });
    say(isDone && button ? `${button.getAttribute("aria-label") || button.textContent}: done.` : "");
  }

  // ---- A running clock ticks between two looks at the server.

  let clock = null;

  function setClock() {
    const shown = byId("now");
    if (!shown) return;
    const { rate, offset } = shown.dataset;
    clock = { shown, rate: Number(rate), began: performance.now(), from: Date.parse(shown.dateTime) + 1000 * offset };
  }

  setInterval(() => {
    if (!clock || !clock.rate || document.hidden) return;
    const wall = new Date(clock.from + clock.rate * (performance.now() - clock.began));
    if (isNaN(wall)) return;
    const [date, time] = wall.toISOString().split(/[T.]/);
    const [first, bold] = [clock.shown.firstChild, clock.shown.querySelector("strong")];
    if (first.nodeValue !== `${date} `) first.nodeValue = `${date} `;
    if (bold.textContent !== time) bold.textContent = time;
  }, 200);

  // ---- Small things: copying, and the menu of a narrow window.

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    const text = button ? byId(button.dataset.copies) : event.target.closest("textarea[data-copy]");
    if (!text) return;
    text.select();
    try { await navigator.clipboard.writeText(text.value); } catch { document.execCommand("copy"); }
    say("Copied.");
    if (button) { button.classList.add("copied"); setTimeout(() => button.classList.remove("copied"), 1500); }
  });

  document.addEventListener("click", (event) => {
    const tenants = byId("tenants");
    if (tenants && tenants.open && !tenants.contains(event.target)) tenants.open = false;
  });

  document.documentElement.classList.add("scripted");
  const here = document.querySelector(".menu [aria-current]"), menu = document.querySelector(".menu");
  if (here && menu) menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
  setClock();
  listen();
  if (byId("moving")) refresh();
})();
