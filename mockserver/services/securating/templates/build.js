// Shows the review form over the page that was opened with an invitation's token.
(function () {
  "use strict";
  var token = new URLSearchParams(location.search).get("PARAMETER");
  if (!token || !document.currentScript) return;
  var origin = new URL(document.currentScript.src).origin;
  function show() {
    var layer = document.createElement("div");
    layer.setAttribute("style", "position:fixed;inset:0;z-index:2147483647;background:rgba(0,0,0,.6);padding:5vmin");
    var close = document.createElement("button");
    close.textContent = "×";
    close.setAttribute("aria-label", "Fermer");
    close.setAttribute("style", "position:absolute;top:1vmin;right:1vmin;font-size:2rem;line-height:1");
    close.onclick = function () { layer.remove(); };
    var frame = document.createElement("iframe");
    frame.title = "Votre avis";
    frame.src = origin + "PATH" + "?" + "PARAMETER" + "=" + encodeURIComponent(token);
    frame.setAttribute("style", "width:100%;height:100%;border:0;background:#fff");
    layer.append(frame, close);
    document.body.append(layer);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", show); else show();
})();
