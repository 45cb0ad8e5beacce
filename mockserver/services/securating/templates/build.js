// Shows the review form over the page that was opened with an invitation's token.
(function () {
  "use strict";
  var token = new URLSearchParams(location.search).get("PARAMETER");
  if (!token || !document.currentScript) return;
  var origin = new URL(document.currentScript.src).origin;

  // A shadow tree of its own keeps the page's styles out and these in; an adopted sheet needs no leave of its policy.
  var look = [
    "dialog{position:fixed;inset:0;box-sizing:border-box;width:100%;height:100%;max-width:none;max-height:none;margin:0;",
    "padding:clamp(0px,4vmin,48px);border:0;outline:0;overflow:hidden;background:rgba(16,20,28,.66);",
    "grid-template-rows:auto minmax(0,1fr);justify-content:center;grid-template-columns:minmax(0,46rem)}",
    "dialog[open]{display:grid}dialog::backdrop{background:transparent}",
    "button{all:unset;justify-self:end;box-sizing:border-box;width:44px;height:44px;margin-bottom:8px;border-radius:50%;",
    "font:28px/42px system-ui,sans-serif;text-align:center;cursor:pointer;color:#1d2230;background:#fff}",
    "button:hover{background:#e9f2ef}button:focus-visible{outline:3px solid #1c5d4f;box-shadow:0 0 0 6px #fff}",
    "iframe{display:block;width:100%;height:100%;border:0;border-radius:16px;background:#f4f1ec}",
    "@media(max-width:480px){dialog{padding:0}button{margin:6px}iframe{border-radius:0}}",
    "@media(prefers-color-scheme:dark){iframe{background:#11141a}}"
  ].join("");

  function show() {
    var english = /^en/i.test(document.documentElement.lang);
    var host = document.createElement("div");
    var shadow = host.attachShadow({ mode: "open" });
    var sheet = new CSSStyleSheet();
    sheet.replaceSync(look);
    shadow.adoptedStyleSheets = [sheet];

    var dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", english ? "Your review" : "Votre avis");
    dialog.setAttribute("aria-modal", "true");
    dialog.tabIndex = -1;
    var close = document.createElement("button");
    close.type = "button";
    close.textContent = "×";
    close.setAttribute("aria-label", english ? "Close" : "Fermer");
    var frame = document.createElement("iframe");
    frame.title = dialog.getAttribute("aria-label");
    frame.src = origin + "PATH" + "?" + "PARAMETER" + "=" + encodeURIComponent(token);

    var page = document.documentElement;
    var overflow = page.style.overflow;
    function hear(event) { // Escape pressed within the form, whose page alone knows of it
      var isForm = event.origin === origin && event.source === frame.contentWindow;
      if (isForm && event.data === "securating:close") dialog.close();
    }
    window.addEventListener("message", hear);
    close.addEventListener("click", function () { dialog.close(); });
    dialog.addEventListener("close", function () {
      window.removeEventListener("message", hear);
      page.style.overflow = overflow;
      host.remove();
    });
    dialog.append(close, frame);
    shadow.append(dialog);
    document.body.append(host);
    page.style.overflow = "hidden";
    dialog.showModal();
    dialog.focus(); // not its first button: here its name is read out, and Escape is heard
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show); else show();
})();
