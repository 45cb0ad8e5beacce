// Asks for the page again each second while it is looked at, and takes over what has changed in it.
function take(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.tagName !== fresh.tagName || old.children.length !== fresh.children.length) {
    old.replaceWith(document.adoptNode(fresh));
    return;
  }
  for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (fresh.children.length) [...old.children].forEach((child, at) => take(child, fresh.children[at]));
  else old.textContent = fresh.textContent;
}

async function look() {
  const answer = await fetch(location.href, { cache: "no-cache", signal: AbortSignal.timeout(10000) });
  if (answer.status === 404) location.reload();
  if (answer.status !== 200) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  take(document.querySelector("main"), page.querySelector("main"));
}

async function follow() {
  if (!document.hidden) await look().then(() => lose(false), () => lose(true));
  if (document.querySelector(".status").dataset.status !== "finished") setTimeout(follow, 1000);
}

function lose(isLost) {
  document.body.classList.toggle("is-lost", isLost);
}

follow();
