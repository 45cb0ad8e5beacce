// Lets the page that frames this one close its dialog: Escape is heard where the focus is.
addEventListener("keydown", function (event) {
  if (event.key === "Escape" && !event.isComposing) parent.postMessage("securating:close", "*");
});
