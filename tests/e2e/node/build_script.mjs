// Runs build.js, given on standard input, in a page of nothing but stubs; prints where its frame points.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [, , search] = process.argv;
const made = [];
const element = (name) => {
  const self = { name, attributes: {}, style: {} };
  self.setAttribute = (key, value) => { self.attributes[key] = value; };
  self.getAttribute = (key) => self.attributes[key];
  self.attachShadow = () => element("shadow");
  for (const act of ["append", "addEventListener", "showModal", "focus"]) self[act] = () => {};
  made.push(self);
  return self;
};
class CSSStyleSheet {
  replaceSync() {}
}
const page = {
  URL, URLSearchParams, encodeURIComponent, CSSStyleSheet,
  location: { search },
  window: element("window"),
  document: {
    currentScript: { src: "http://127.0.0.1:8052/resource/build.js" },
    readyState: "complete",
    createElement: element,
    documentElement: element("html"),
    body: { append: () => {} },
  },
};
vm.runInNewContext(readFileSync(0, "utf8"), page);
console.log(JSON.stringify(made.filter((one) => one.name === "iframe").map((one) => one.src)));
